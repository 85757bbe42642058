"""Who was shown, took or erased whose data: to look at, by who manages the office.

It names no citizens, only their numbers, or looking at the log would be looking at
them; who is looked for is found all the same.
"""

from django.apps import apps
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from appointments import finding
from appointments.models import Access, Appointment
from config.admin import ReadOnly
from offices.admin_base import OfficeScopedAdmin
from offices.admin_history import OneOffice, Who
from offices.queries import changes
from offices.roles import Permission

NOTHING = "–"


@admin.register(Access)
class AccessAdmin(ReadOnly, OfficeScopedAdmin):
    """Only ever added to (appointments.access)."""

    permission = view_permission = Permission.MANAGE_OFFICE
    list_display = ["when", "who", "kind", "where", "whose", "office"]
    list_filter = [("office", OneOffice), "kind", Who]
    list_select_related = ["office", "by"]
    date_hierarchy = "at"
    search_fields = ["page"]  # shows the box; get_search_results says how
    search_help_text = _("Reference, or the citizen’s name, e-mail address or phone.")
    fields = ["when", "who", "kind", "where", "whose", "office"]

    def get_search_results(self, request, queryset, search_term):
        text = search_term.strip()
        if not text:
            return queryset, False
        rows = Appointment.objects.all()
        rows = self.within(rows, "office", request, self.view_permission)
        found = finding.matching(rows, text).order_by().values("citizen")
        return queryset.filter(citizen__in=found), False

    @admin.display(description=_("when"), ordering="at")
    def when(self, access):
        return changes.when(access)

    @admin.display(description=_("who"), ordering="by__name")
    def who(self, access):
        return changes.who(access)

    @admin.display(description=_("where"), ordering="page")
    def where(self, access):
        return place(access.page)

    @admin.display(description=_("whose data"))
    def whose(self, access):
        if access.citizen_id is None:
            return gettext("A list of %(number)s people") % {"number": access.people}
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:appointments_citizen_change", args=[access.citizen_id]),
            gettext("Citizen number %(number)s") % {"number": access.citizen_id},
        )


def place(page):
    """A page in words: its title, what its rows are called, or else its own name."""
    space, _colon, name = page.rpartition(":")
    if space == "api":
        return gettext("API")
    for each in admin.site.pages:
        if name in {pattern.name for pattern in each.urls}:
            return str(each.title)
    for model in apps.get_models():
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            return str(model._meta.verbose_name_plural)
    return page or NOTHING
