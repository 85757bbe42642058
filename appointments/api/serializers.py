"""What the API says of an appointment, and what it takes in; an example of each."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api.serializers import EmailField
from appointments import links
from appointments.api.choice import ChoiceSerializer, ServiceAtOfficeSerializer, host_of
from appointments.api.fields import InstantField, NameField, TextField
from appointments.models import Appointment, Citizen
from appointments.states import Status
from offices.api.fields import IdField, OfficeTimeField

CITIZEN = {
    "id": 301,
    "name": "Erika Mustermann",
    "email": "erika@example.org",
    "phone": "+498923300",
    "language": "de",
}
APPOINTMENT = {
    "id": "0198c0de-5f3c-4b1e-9f6b-2f9d1f4e8a11",
    "reference": "K7M4-QX2P",
    "status": "confirmed",
    "office": 7,
    "service": 3,
    "host": 18,
    "starts_at": "2027-01-11T09:00:00+01:00",
    "ends_at": "2027-01-11T09:15:00+01:00",
    "citizen": CITIZEN,
    "manage_url": "https://appointments.example.org/appointments/0198…:kX2…/",
    "quantity": 1,
    "purpose": "A new passport",
    "access_needs": "",
    "language": "de",
    "note": None,
    "channel": "api",
    "ticket": None,
    "called_at": None,
    "called_to": None,
    "created_at": "2027-01-08T16:20:11.201000+01:00",
    "updated_at": "2027-01-08T16:20:11.201000+01:00",
}
CALLED = {
    **APPOINTMENT,
    "status": "checked_in",
    "ticket": 17,
    "called_at": "2027-01-11T09:02:40+01:00",
    "called_to": 18,
}
WHO = {"name": "Erika Mustermann", "email": "erika@example.org", "language": "de"}
BOOK = {
    "office": 7,
    "service": 3,
    "starts_at": "2027-01-11T09:00:00+01:00",
    "purpose": "A new passport",
    "citizen": WHO,
}

# --- what goes out ---


class CitizenSerializer(serializers.ModelSerializer):
    email = serializers.CharField(
        help_text=_("An e-mail address; empty for who came without one.")
    )

    class Meta:
        model = Citizen
        fields = list(CITIZEN)
        read_only_fields = fields


class AppointmentSerializer(serializers.ModelSerializer):
    citizen = CitizenSerializer(read_only=True)
    starts_at = OfficeTimeField(help_text=_("With the office's offset."))
    ends_at = OfficeTimeField()
    called_at = OfficeTimeField(allow_null=True)
    created_at = OfficeTimeField()
    updated_at = OfficeTimeField()
    note = serializers.SerializerMethodField(
        help_text=_("For the office alone; null for others.")
    )
    manage_url = serializers.SerializerMethodField(
        help_text=_(
            "Where the citizen sees, moves and cancels it with no sign-in: a secret. "
            "Null for who may not do so."
        )
    )

    class Meta:
        model = Appointment
        fields = list(APPOINTMENT)
        read_only_fields = fields
        extra_kwargs = {
            "ticket": {"help_text": _("The number called out, once checked in.")},
            "called_to": {"help_text": _("The id of the host who has called.")},
        }

    def get_note(self, appointment) -> str | None:
        staff = self.context["view"].is_staff_of(appointment.office_id)
        return appointment.note if staff else None

    def get_manage_url(self, appointment) -> str | None:
        if self.context["view"].may_manage(appointment):
            return links.url_for(appointment)
        return None


# --- what comes in ---


class WhoSerializer(serializers.Serializer):
    name = NameField(max_length=150)
    email = EmailField()
    phone = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=40,
        help_text=_("As people write it; without +49 and the like, the office's."),
    )
    language = serializers.ChoiceField(
        settings.LANGUAGES,
        required=False,
        help_text=_("Of mails; else that of the request."),
    )


class WhoEverSerializer(WhoSerializer):
    """Somebody at the door need not have an e-mail address."""

    email = EmailField(required=False, allow_blank=True)


class AboutSerializer(serializers.Serializer):
    purpose = TextField(help_text=_("What it is about."))
    access_needs = TextField(help_text=_("What the citizen needs to take part."))


class OverrideSerializer(serializers.Serializer):
    override = TextField(
        help_text=_(
            "Of staff who may: the reason to go beyond lead time, limit and hours."
        )
    )


class BookSerializer(OverrideSerializer, AboutSerializer, ChoiceSerializer):
    hold = serializers.UUIDField(
        required=False, allow_null=True, help_text=_("The id of a hold to book from.")
    )
    citizen = WhoSerializer(
        required=False,
        help_text=_(
            "Who comes. Needed, but for people who are signed in and book for "
            "themselves: then it is they, at the address of their account."
        ),
    )


class WalkInSerializer(AboutSerializer, ServiceAtOfficeSerializer):
    citizen = WhoEverSerializer()


class NewTimeSerializer(OverrideSerializer):
    starts_at = InstantField(help_text=_("With an offset; one of the free times."))
    host = IdField(
        required=False, allow_null=True, help_text=_("The id of one; else anyone.")
    )

    def validate(self, asked):
        if "host" in asked:
            asked["host"] = host_of(asked["host"])
        return asked


class RescheduleSerializer(NewTimeSerializer):
    hold = serializers.UUIDField(
        required=False, allow_null=True, help_text=_("The id of a hold to move to.")
    )


class PostponeSerializer(NewTimeSerializer):
    reason = TextField(help_text=_("The citizen reads it."))


class ChangeSerializer(AboutSerializer, RescheduleSerializer):
    note = TextField(
        max_length=2000, help_text=_("Of staff, for the office alone; replaces it.")
    )


class ReasonSerializer(serializers.Serializer):
    reason = TextField(help_text=_("The citizen reads it."))


class DenySerializer(serializers.Serializer):
    reason = TextField(required=True, help_text=_("The citizen reads it."))


class ReassignSerializer(ReasonSerializer):
    host = IdField(help_text=_("The id of the other host."))


class CallSerializer(serializers.Serializer):
    host = IdField(
        required=False,
        allow_null=True,
        help_text=_("The id of the host to go to; else the planned one."),
    )

    def validate_host(self, pk):
        return host_of(pk)


class CloseOutSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(
        [
            (outcome.value, outcome.label)
            for outcome in (Status.COMPLETED, Status.NO_SHOW)
        ]
    )


class CancelQuerySerializer(serializers.Serializer):
    reason = TextField(help_text=_("Why it is cancelled; the other side reads it."))
