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
        """With what the lines show: of a move `next_start`, where it led, and with
        whom it was before, `previous_host`, if that is known.
        """
        later_moves = AppointmentEvent.objects.filter(
            appointment=OuterRef("appointment"),
            pk__gt=OuterRef("pk"),
            previous_start__isnull=False,
        )
        next_move = later_moves.order_by("pk").values("previous_start")[:1]
        earlier = AppointmentEvent.objects.filter(
            appointment=OuterRef("appointment"), pk__lt=OuterRef("pk")
        )
        before = earlier.order_by("-pk").values("host__name")[:1]
        events = super().get_queryset(request)
        return events.select_related("appointment__office", "actor", "host").annotate(
            next_start=Coalesce(Subquery(next_move), F("appointment__starts_at")),
            previous_host=Subquery(before),
        )

    @admin.display(description=_("when"), ordering="created_at")
    def happened(self, event):
        return office_when(event.created_at, event.appointment.office)

    @admin.display(description=_("what"), ordering="kind")
    def what(self, event):
        """What happened, with what it changed: the time, the host."""
        office, changes = event.appointment.office, []
        if event.previous_start is not None:
            before, after = event.previous_start, event.next_start
            changes.append((office_when(before, office), office_when(after, office)))
        if event.host and event.previous_host not in (None, event.host.name):
            changes.append((event.previous_host, event.host.name))
        told = "; ".join(f"{before} → {after}" for before, after in changes)
        if not told:
            return event.get_kind_display()
        return _("%(what)s: %(changes)s") % {
            "what": event.get_kind_display(),
            "changes": told,
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
