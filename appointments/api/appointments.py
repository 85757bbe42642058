"""Appointments: booking, looking, moving, cancelling."""

from contextlib import contextmanager

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from appointments import exceptions as refusals
from appointments import operations
from appointments.api.callers import TOKEN, Callers
from appointments.api.citizens import NOT_YOURS, citizen_of, read_phone
from appointments.api.described import NOT_BOOKABLE, NOT_MOVABLE, step
from appointments.api.filters import AppointmentFilter
from appointments.api.holds import holder_of
from appointments.api.locks import for_move
from appointments.api.serializers import (
    APPOINTMENT,
    BOOK,
    AppointmentSerializer,
    BookSerializer,
    CancelQuerySerializer,
    ChangeSerializer,
    RescheduleSerializer,
)
from appointments.api.staff_actions import StaffActions
from appointments.operations import steps
from appointments.states import Channel
from config.api.problems import PreconditionFailed
from config.api.schema import operation
from config.api.views import ApiViewSet
from offices.permissions import may
from offices.roles import Permission


class AppointmentViewSet(
    StaffActions, Callers, ListModelMixin, RetrieveModelMixin, ApiViewSet
):
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
