"""Pages for the work of one office, in the admin (config.site)."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from config.admin import REFUSALS, sentence
from offices.admin_base import reach_of
from offices.models import Office
from offices.roles import Permission

REMEMBERED = "office"  # in the session: the office that was last chosen


def allowed(permission):
    """What add_page() asks: whether the person holds `permission` at any office."""
    return lambda request: reach_of(request).may(permission)


class OfficePage(TemplateView):
    """A page about one of the offices at which the person holds `permission`.

    `?office=<slug>` chooses; without it, it is the one last chosen, or the first.
    An office that is not the person's does not exist (404).
    """

    permission = Permission.VIEW_APPOINTMENTS
    title = ""

    def dispatch(self, request, *args, **kwargs):
        if not reach_of(request).may(self.permission):
            raise PermissionDenied
        if self.office is None:
            return TemplateResponse(request, "admin/no_office.html", self.frame())
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def offices(self):
        """All there are to choose from, by name."""
        reach = reach_of(self.request)
        rows = Office.objects.visible_to(self.request.user).order_by("name", "pk")
        if reach.everything:
            return list(rows)
        return list(rows.filter(pk__in=reach.offices(self.permission)))

    @cached_property
    def office(self):
        by_slug = {office.slug: office for office in self.offices}
        asked = self.request.GET.get("office")
        if asked:
            if asked not in by_slug:
                raise Http404
            if self.request.session.get(REMEMBERED) != asked:
                self.request.session[REMEMBERED] = asked
            return by_slug[asked]
        remembered = by_slug.get(self.request.session.get(REMEMBERED))
        return remembered or next(iter(self.offices), None)

    def may(self, permission):
        """Whether the person may do it here; for which buttons to show."""
        return reach_of(self.request).may(permission, self.office.pk)

    def frame(self):
        """What every page of the admin shows around its own, but the list of all."""
        return {
            **admin.site.each_context(self.request),
            "is_nav_sidebar_enabled": False,  # the width is for the work
            "title": self.title,
        }

    def get_context_data(self, **kwargs):
        return {
            **self.frame(),
            "office": self.office,
            "offices": self.offices,
            **super().get_context_data(**kwargs),
        }

    def attempt(self, operation, *args, done, **kwargs):
        """Run an operation as the person; say that it is done, or why not.

        Returns whether it is done. `done` is a sentence.
        """
        try:
            operation(*args, by=self.request.user, **kwargs)
        except REFUSALS as refusal:
            messages.error(self.request, sentence(refusal))
            return False
        messages.success(self.request, done)
        return True
