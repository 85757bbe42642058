"""The admin as a site of our own: Django's pages for rows, and pages for work.

A page for work (the desk, the calendar …) is registered by its app's admin module
with `site.add_page()`. The site asks who may before each of its addresses, and
offers it in the bar at the top to those who may.
"""

from functools import wraps
from operator import attrgetter
from typing import NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.urls import reverse


class StaffPage(NamedTuple):
    """One entry of the bar, and all addresses that belong to it.

    `name` is the name of its first address, `allowed` asks (request) whether the
    page is the person's, `urls` are paths below /admin/. A hidden one is not in the
    bar: other pages lead to it. The bar is in the `order` of the numbers.
    """

    name: str
    title: str
    allowed: object
    urls: list
    hidden: bool = False
    order: int = 0

    def guard(self, view):
        """The view, for those whose page it is."""

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not self.allowed(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded


class StaffSite(admin.AdminSite):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pages = []
        self.first_page = None  # asks (request) what the first page shows besides

    def add_page(self, name, title, **about):
        """Add a page for work, a StaffPage."""
        self.pages.append(StaffPage(name, title, **about))
        self.pages.sort(key=attrgetter("order"))

    def get_urls(self):
        for page in self.pages:
            for pattern in page.urls:
                pattern.callback = self.admin_view(page.guard(pattern.callback))
        own = [pattern for page in self.pages for pattern in page.urls]
        return [*own, *super().get_urls()]

    def index(self, request, extra_context=None):
        own = self.first_page(request) if self.first_page else {}
        return super().index(request, {**own, **(extra_context or {})})

    def each_context(self, request):
        return {**super().each_context(request), "staff_pages": self._bar(request)}

    def _bar(self, request):
        """What the bar offers: [{"name", "title", "url", "is_current"}]."""
        if not self.has_permission(request):
            return []
        found = []
        for page in self.pages:
            if not page.hidden and page.allowed(request):
                url = reverse(f"{self.name}:{page.name}")
                here = request.path.startswith(url)
                told = {"name": page.name, "title": page.title, "url": url}
                found.append({**told, "is_current": here})
        return found
