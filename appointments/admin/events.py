"""The history of appointments, in words."""

from django.contrib import admin
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from appointments.models import AppointmentEvent
from appointments.states import Actor
from config.admin import ReadOnly, VisibleInline
from offices.admin_base import OfficeScopedAdmin
from offices.times import office_when

NOTHING = "–"


class HistoryLines:
    """How a line of history reads. Put it before the admin class."""

    def get_queryset(self, request):
        """With what the lines show; of a move also `next_start`, where it led."""
        later_moves = AppointmentEvent.objects.filter(
            appointment=OuterRef("appointment"),
            pk__gt=OuterRef("pk"),
            previous_start__isnull=False,
        )
        next_move = later_moves.order_by("pk").values("previous_start")[:1]
        events = super().get_queryset(request)
        return events.select_related("appointment__office", "actor").annotate(
            next_start=Coalesce(Subquery(next_move), F("appointment__starts_at"))
        )

    @admin.display(description=_("when"), ordering="created_at")
    def happened(self, event):
        return office_when(event.created_at, event.appointment.office)

    @admin.display(description=_("what"), ordering="kind")
    def what(self, event):
        if event.previous_start is None:
            return event.get_kind_display()
        office = event.appointment.office
        return _("%(what)s: %(before)s → %(after)s") % {
            "what": event.get_kind_display(),
            "before": office_when(event.previous_start, office),
            "after": office_when(event.next_start, office),
        }

    @admin.display(description=_("who"))
    def who(self, event):
        """A member of staff by name; whoever else acted by what they are."""
        if event.actor_kind == Actor.STAFF and event.actor is not None:
            return str(event.actor)
        return event.get_actor_kind_display()

    @admin.display(description=_("why"))
    def why(self, event):
        beyond = event.override and _("Beyond the rules: %(reason)s") % {
            "reason": event.override
        }
        return " ".join(filter(None, [event.reason, beyond])) or NOTHING


class EventInline(HistoryLines, VisibleInline):
    """The history of one appointment."""

    model = AppointmentEvent
    fields = readonly_fields = ["happened", "what", "who", "why"]
    show_change_link = False


@admin.register(AppointmentEvent)
class AppointmentEventAdmin(ReadOnly, HistoryLines, OfficeScopedAdmin):
    """The history of all appointments."""

    office_path = "appointment__office"
    list_display = ["happened", "appointment", "what", "who", "why"]
    list_filter = ["appointment__office", "kind", "actor_kind"]
    search_fields = ["appointment__reference", "actor__name"]
    ordering = ["-created_at", "-pk"]
    fields = list_display
