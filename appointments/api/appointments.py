"""Appointments: booking, looking, moving, cancelling, and what the desk does."""

from contextlib import contextmanager

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts import phones
from appointments import exceptions as refusals
from appointments import operations
from appointments.api.callers import TOKEN, Callers
from appointments.api.choice import host_of
from appointments.api.filters import AppointmentFilter
from appointments.api.holds import holder_of
from appointments.api.locks import for_move
from appointments.api.serializers import (
    APPOINTMENT,
    BOOK,
    CALLED,
    AppointmentSerializer,
    BookSerializer,
    CallSerializer,
    CancelQuerySerializer,
    ChangeSerializer,
    CloseOutSerializer,
    DenySerializer,
    PostponeSerializer,
    ReassignSerializer,
    RescheduleSerializer,
    WalkInSerializer,
)
from appointments.models import Citizen
from appointments.operations import steps
from appointments.states import Channel
from availability import exceptions as times
from config.api.problems import PreconditionFailed
from config.api.schema import operation
from config.api.views import ApiViewSet
from offices.permissions import may
from offices.roles import Permission

NO_TIME = [times.SlotTaken, times.SlotClosed, refusals.HoldExpired]
NOT_BOOKABLE = [
    *NO_TIME,
    times.SlotPast,
    times.SlotTooFar,
    times.NotOffered,
    times.HostRefused,
    times.QuantityRefused,
]
NOT_MOVABLE = [
    *NOT_BOOKABLE,
    refusals.TransitionRefused,
    refusals.TooLateToMove,
    refusals.SameTime,
    refusals.Changed,
]


def step(summary, *, refuses=(), answer=APPOINTMENT, **options):
    """An action of staff on one appointment; it answers with the appointment."""
    return operation(
        summary,
        gives=AppointmentSerializer,
        answer=answer,
        refuses=[refusals.TransitionRefused, *refuses],
        **options,
    )


class AppointmentViewSet(Callers, ListModelMixin, RetrieveModelMixin, ApiViewSet):
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilter
    ordering, ordering_fields = "starts_at", ["starts_at", "created_at"]
    lookup_value_converter = "uuid"
    for_guests = frozenset(
        ["create", "retrieve", "partial_update", "destroy", "reschedule"]
    )

    def get_queryset(self):
        return self.appointments()

    # --- anybody ---

    @operation(
        "List appointments", gives=AppointmentSerializer(many=True), answer=APPOINTMENT
    )
    def list(self, request):
        """One's own, and all those of the offices where one works."""
        return super().list(request)

    @operation(
        "Book an appointment",
        takes=BookSerializer,
        gives=AppointmentSerializer,
        status=201,
        refuses=[*NOT_BOOKABLE, refusals.LimitReached],
        example=BOOK,
        answer=APPOINTMENT,
    )
    def create(self, request):
        """Give somebody a time for a service at an office.

        No account is needed. Where requests need approval it is `pending` first. From a
        hold that is no longer kept, it is booked all the same if the time is still
        free; else `hold_expired`.
        """
        asked = self.valid(BookSerializer)
        citizen = self.who(asked.pop("citizen", None), asked["offered"].office)
        appointment = operations.book(
            **asked,
            citizen=citizen,
            by=self.by,
            channel=Channel.API,
            holder=holder_of(asked.get("hold"), request.user),
            language=citizen.language,
        )
        return self.booked(appointment)

    @operation(
        "Show an appointment",
        gives=AppointmentSerializer,
        answer=APPOINTMENT,
        parameters=[TOKEN],
    )
    def retrieve(self, request, pk):
        """One's own, or one of an office where one works."""
        return super().retrieve(request, pk)

    @operation(
        "Change an appointment",
        takes=ChangeSerializer,
        gives=AppointmentSerializer,
        refuses=NOT_MOVABLE,
        example={"starts_at": "2027-01-11T10:30:00+01:00", "purpose": "Two passports"},
        answer=APPOINTMENT,
        parameters=[TOKEN],
    )
    def partial_update(self, request, pk):
        """Move it (`starts_at`, `host`), say what it is about, or write a note on it.

        What is left out stays. All of it happens, or nothing. Staff move it for the
        citizen here; `postpone` is for the office's own reasons.
        """
        asked = self.valid(ChangeSerializer, partial=True)
        appointment = self.get_object()
        with self.unchanged(appointment, lock=self.lock(asked)) as appointment:
            return self.reply(
                operations.change(appointment, by=self.by, **self.with_holder(asked))
            )

    @operation(
        "Cancel an appointment",
        gives=AppointmentSerializer,
        refuses=[
            refusals.TransitionRefused,
            refusals.TooLateToCancel,
            refusals.Changed,
        ],
        answer={**APPOINTMENT, "status": "cancelled"},
        parameters=[TOKEN, CancelQuerySerializer],
    )
    def destroy(self, request, pk):
        """Call it off; its time is free again at once. It is kept, as `cancelled`."""
        asked = CancelQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        with self.unchanged(
            self.get_object(), lock=steps.lock_with_days
        ) as appointment:
            return self.reply(
                operations.cancel(appointment, by=self.by, **asked.validated_data)
            )

    @step(
        "Reschedule an appointment",
        takes=RescheduleSerializer,
        refuses=NOT_MOVABLE,
        example={"starts_at": "2027-01-11T10:30:00+01:00"},
        parameters=[TOKEN],
    )
    @action(detail=True, methods=["post"])
    def reschedule(self, request, pk):
        """Move it as the citizen wants; same appointment, same reference.

        Where requests need approval, the new time waits for it again.
        """
        asked = self.with_holder(self.valid(RescheduleSerializer))
        return self.perform(operations.reschedule, **asked)

    # --- staff ---

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

    # --- how ---

    @contextmanager
    def unchanged(self, obj, **options):
        """What changes while we wait for locks is not what `If-Match` names."""
        try:
            with super().unchanged(obj, **options) as obj:
                yield obj
        except refusals.Changed:
            if "If-Match" in self.request.headers:
                raise PreconditionFailed from None
            raise

    def perform(self, verb, *args, **how):
        return self.reply(verb(self.get_object(), *args, by=self.by, **how))

    def booked(self, appointment):
        return self.reply(
            appointment,
            status=201,
            headers={"Location": self.reverse_action("detail", args=[appointment.pk])},
        )

    def who(self, given, office):
        """The Citizen a booking is for; an account's own, or a new one, not saved."""
        user = self.request.user
        if not user.is_authenticated:
            self.guest = citizen_of(given, office)
            return self.guest
        if user.is_machine or may(user, Permission.BOOK_APPOINTMENTS, office):
            return citizen_of(given, office)
        given = given or {}
        if given.pop("email", user.email).lower() != user.email:
            raise serializers.ValidationError({"citizen": {"email": NOT_YOURS}})
        return operations.own_citizen(user, **read_phone(given, office))

    def with_holder(self, asked):
        """What was asked, with the holder of the hold that it names."""
        if asked.get("hold"):
            asked["holder"] = holder_of(asked["hold"], self.request.user)
        return asked

    @staticmethod
    def lock(asked):
        """What a change locks: for a move, more than the row."""
        if "starts_at" in asked or "host" in asked:
            return for_move(asked)
        return steps.lock


NOT_YOURS = serializers.ErrorDetail(
    _(
        "Signed in, you book for yourself: give the address of your account, or none. "
        "To book for somebody else, do not sign in."
    ),
    code="not_yours",
)


def citizen_of(given, office):
    """Whom the body describes, not saved."""
    if given is None:
        required = serializers.Field.default_error_messages["required"]
        detail = serializers.ErrorDetail(required, code="required")
        raise serializers.ValidationError({"citizen": detail})
    language = given.get("language") or get_language()
    return Citizen(**{**read_phone(given, office), "language": language})


def read_phone(given, office):
    """The same, with the phone number as it is kept."""
    typed = given.get("phone")
    if not typed:
        return given
    number = phones.read(typed, office.country)
    if number is None:
        sentence = _("Enter a phone number like {}, or leave it empty.")
        detail = serializers.ErrorDetail(
            sentence.format(phones.example(office.country)), code="invalid"
        )
        raise serializers.ValidationError({"citizen": {"phone": detail}})
    return {**given, "phone": number}
