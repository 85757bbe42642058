"""What staff alone do with appointments: requests, changes, and the day at the desk."""

from rest_framework.decorators import action

from appointments import exceptions as refusals
from appointments import operations
from appointments.api.choice import host_of
from appointments.api.citizens import citizen_of
from appointments.api.described import NOT_MOVABLE, step
from appointments.api.serializers import (
    APPOINTMENT,
    CALLED,
    AppointmentSerializer,
    CallSerializer,
    CloseOutSerializer,
    DenySerializer,
    PostponeSerializer,
    ReassignSerializer,
    WalkInSerializer,
)
from availability import exceptions as times
from config.api.schema import operation


class StaffActions:
    """Of AppointmentViewSet, which has `perform`, `valid` and `booked`."""

    @operation(
        "Take in a walk-in",
        takes=WalkInSerializer,
        gives=AppointmentSerializer,
        status=201,
        refuses=[
            times.SlotTaken,
            times.NotOffered,
            times.HostRefused,
            times.QuantityRefused,
        ],
        example={"office": 7, "service": 3, "citizen": {"name": "Erika Mustermann"}},
        answer={**APPOINTMENT, "status": "checked_in", "channel": "walk_in"},
    )
    @action(detail=False, methods=["post"], url_path="walk-in")
    def walk_in(self, request):
        """Give somebody at the door the next free time of today, checked in."""
        asked = self.valid(WalkInSerializer)
        citizen = citizen_of(asked.pop("citizen"), asked["offered"].office)
        appointment = operations.walk_in(
            **asked, citizen=citizen, by=self.by, language=citizen.language
        )
        return self.booked(appointment)

    @step("Approve a request")
    @action(detail=True, methods=["post"])
    def approve(self, request, pk):
        """Grant what waits for approval."""
        return self.perform(operations.approve)

    @step(
        "Grant a request at another time",
        takes=PostponeSerializer,
        refuses=NOT_MOVABLE,
        example={"starts_at": "2027-01-12T09:00:00+01:00", "reason": "Full that day"},
    )
    @action(detail=True, methods=["post"], url_path="grant-at")
    def grant_at(self, request, pk):
        """Approve what waits, for a time that the office proposes; told in one mail."""
        return self.perform(operations.grant_at, **self.valid(PostponeSerializer))

    @step(
        "Deny a request",
        takes=DenySerializer,
        refuses=[refusals.ReasonNeeded, refusals.Changed],
        example={"reason": "Please book at the registry office."},
    )
    @action(detail=True, methods=["post"])
    def deny(self, request, pk):
        """Refuse what waits for approval, and say why; its time is free at once."""
        return self.perform(operations.deny, **self.valid(DenySerializer))

    @step(
        "Postpone an appointment",
        takes=PostponeSerializer,
        refuses=NOT_MOVABLE,
        example={"starts_at": "2027-01-12T09:00:00+01:00", "reason": "Illness"},
    )
    @action(detail=True, methods=["post"])
    def postpone(self, request, pk):
        """Move it because the office must, and say why; the citizen is told."""
        return self.perform(operations.postpone, **self.valid(PostponeSerializer))

    @step(
        "Reassign an appointment",
        takes=ReassignSerializer,
        refuses=[
            *(times.SlotTaken, times.SlotClosed, times.NotOffered, times.HostRefused),
            *(refusals.SameTime, refusals.Changed),
        ],
        example={"host": 19},
    )
    @action(detail=True, methods=["post"])
    def reassign(self, request, pk):
        """Give it to another host of the office, at the same time."""
        asked = self.valid(ReassignSerializer)
        return self.perform(
            operations.reassign, host_of(asked["host"]), reason=asked.get("reason", "")
        )

    @step("Check somebody in", refuses=[refusals.NotToday])
    @action(detail=True, methods=["post"], url_path="check-in")
    def check_in(self, request, pk):
        """Say that the citizen is here; on the day of the appointment."""
        return self.perform(operations.check_in)

    @step(
        "Call who waits",
        takes=CallSerializer,
        refuses=[refusals.NotToday, refusals.AlreadyCalled, times.HostRefused],
        example={"host": 18},
        answer=CALLED,
    )
    @action(detail=True, methods=["post"])
    def call(self, request, pk):
        """Call somebody who is checked in, or once more. The screen shows the ticket.

        `POST offices/{office_id}/call-next` calls whoever is next.
        """
        return self.perform(operations.call, **self.valid(CallSerializer))

    @step("Start an appointment")
    @action(detail=True, methods=["post"])
    def start(self, request, pk):
        """Begin to serve somebody who is checked in."""
        return self.perform(operations.start)

    @step("Complete an appointment")
    @action(detail=True, methods=["post"])
    def complete(self, request, pk):
        """Close what was started."""
        return self.perform(operations.complete)

    @step("Mark a no-show", refuses=[refusals.NotYetDue, refusals.Changed])
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request, pk):
        """Say that nobody came; what is left of the time is free for others."""
        return self.perform(operations.mark_no_show)

    @step(
        "Close an appointment that is over",
        takes=CloseOutSerializer,
        refuses=[refusals.NotOver, refusals.Changed],
        example={"outcome": "completed"},
    )
    @action(detail=True, methods=["post"], url_path="close-out")
    def close_out(self, request, pk):
        """Say afterwards what has become of it, where the desk has not said so."""
        return self.perform(operations.close_out, **self.valid(CloseOutSerializer))

    @step(
        "Undo the last step at the desk",
        refuses=[refusals.NotToday, refusals.Changed, times.SlotTaken],
    )
    @action(detail=True, methods=["post"])
    def undo(self, request, pk):
        """Take the last step back, on its day; an outcome, on the day it was said."""
        return self.perform(operations.undo)
