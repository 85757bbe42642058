"""The admin as a site of our own: Django's pages for rows, and pages for work.

A page for work (the desk, the calendar …) is registered by its app's admin module
with `site.add_page()`. The site asks who may before each of its addresses, and
offers it in the bar at the top to those who may.
"""

from functools import wraps
from operator import attrgetter
from typing import NamedTuple

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


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
        # Of accounts: the view that takes what the sign-in form holds, the page to
        # change one's password, and what asks (request) for a response that must come
        # before any page.
        self.sign_in = self.own_password = self.first_of_all = None

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

    def admin_view(self, view, cacheable=False):
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def after_what_comes_first(request, *args, **kwargs):
            may = self.has_permission(request) and request.path != self._sign_out_url()
            first = self.first_of_all(request) if may and self.first_of_all else None
            return first or guarded(request, *args, **kwargs)

        return after_what_comes_first

    def _sign_out_url(self):
        return reverse(f"{self.name}:logout")

    def login(self, request, extra_context=None):
        if request.method != "POST" or self.sign_in is None:
            return super().login(request, extra_context)
        index = reverse(f"{self.name}:index")
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "app_path": request.get_full_path(),
            REDIRECT_FIELD_NAME: request.POST.get(REDIRECT_FIELD_NAME) or index,
        }
        request.current_app = self.name
        return self.sign_in(request, {**context, **(extra_context or {})})

    def password_change(self, request, extra_context=None):
        """The same page as everywhere: it signs out everywhere else, too."""
        return redirect(self.own_password)

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
