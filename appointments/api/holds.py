"""Keeping a time while somebody makes up his mind or fills in a form.

A hold is its caller's: an account's or a program's. A guest's is whoever's knows its
id, which cannot be guessed and is told once, to the guest.
"""

import hashlib

from django.db.models import Q
from django.http import Http404
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from appointments.api.choice import ChoiceSerializer
from availability import exceptions as refusals
from availability import operations
from availability.models import Hold
from config.addresses import network_of
from config.api.schema import operation
from config.api.views import ApiViewSet
from offices.api.fields import OfficeTimeField
from offices.permissions import may
from offices.roles import Permission

GUEST = "api:guest:"

HOLD = {
    "id": "5b1c3f0e-8d6f-4d0b-9a53-0c4a7f3f2e11",
    "office": 7,
    "service": 3,
    "host": 18,
    "quantity": 1,
    "starts_at": "2027-01-11T09:00:00+01:00",
    "expires_at": "2027-01-10T14:12:30+01:00",
}


def own_holds(user):
    """The condition that holds are those a caller may use."""
    own = Q(holder__startswith=GUEST)
    if user.is_authenticated:
        own |= Q(holder=_name(user)) | Q(holder__startswith=f"{_name(user)}:")
    return own


def holder_of(hold, user):
    """In whose name a hold is, if the caller may use it; else nobody's."""
    kept = Hold.objects.filter(own_holds(user), pk=hold).first() if hold else None
    return kept.holder if kept else ""


def _name(user):
    return f"api:{user.pk}"


def _digest(address):
    return salted_hmac(__name__, address, algorithm="sha256").hexdigest()[:32]


def _holder(request, office, client):
    """Whom a new hold counts for: each may keep some, and no more.

    Guests count by their address. A program, or staff, keeps times for many people:
    it names each of them as its `client`.
    """
    if not request.user.is_authenticated:
        address = network_of(request.META.get("REMOTE_ADDR", ""))
        return f"{GUEST}{_digest(address)}"
    name = _name(request.user)
    if client and may(request.user, Permission.BOOK_APPOINTMENTS, office):
        return f"{name}:{hashlib.sha256(client.encode()).hexdigest()[:32]}"
    return name


class KeepSerializer(ChoiceSerializer):
    client = serializers.CharField(
        required=False,
        max_length=200,
        help_text=_(
            "Of programs that may book for citizens: for whom, in words of their own. "
            "The most that one client may keep counts for each."
        ),
    )


class HoldSerializer(serializers.ModelSerializer):
    office = serializers.IntegerField(source="host.office_id")
    starts_at = OfficeTimeField(office="host.office")
    expires_at = OfficeTimeField(office="host.office")

    class Meta:
        model = Hold
        fields = list(HOLD)
        read_only_fields = fields


class HoldViewSet(ApiViewSet):
    permission_classes = [AllowAny]
    serializer_class = HoldSerializer
    lookup_value_converter = "uuid"

    def get_queryset(self):
        """The caller's own, and those at offices where the caller works."""
        if getattr(self, "swagger_fake_view", False):
            return Hold.objects.all()
        own, user = own_holds(self.request.user), self.request.user
        at_offices = Q(pk__in=Hold.objects.visible_to(user).values("pk"))
        rows = Hold.objects.live().select_related("host__office")
        return rows.filter(own | at_offices)

    @operation(
        "Hold a time",
        takes=KeepSerializer,
        gives=HoldSerializer,
        status=201,
        refuses=[
            refusals.SlotTaken,
            refusals.SlotClosed,
            refusals.SlotPast,
            refusals.SlotTooFar,
            refusals.NotOffered,
            refusals.HostRefused,
            refusals.QuantityRefused,
            refusals.TooManyHolds,
        ],
        example={"office": 7, "service": 3, "starts_at": HOLD["starts_at"]},
        answer=HOLD,
    )
    def create(self, request):
        """Keep a time until `expires_at`, so that nobody else books it meanwhile.

        Then book it with its id as `hold`. No account is needed; guests keep the id to
        themselves.
        """
        asked = self.valid(KeepSerializer)
        offered = asked.pop("offered")
        holder = _holder(request, offered.office, asked.pop("client", ""))
        hold = operations.hold(offered, holder=holder, by=request.user, **asked)
        hold = Hold.objects.select_related("host__office").get(pk=hold.pk)
        return self.reply(hold, status=201)

    @operation("Release a hold", status=204)
    def destroy(self, request, pk):
        """Give a time back that is no longer wanted.

        Staff who book at the office can give back what anybody keeps there.
        """
        with self.unchanged(self.get_object(), lock=_lock) as hold:
            if holder_of(hold.pk, request.user):
                operations.release(holder=hold.holder, hold=hold.pk)
            else:
                operations.release_as_staff(hold, by=request.user)
            return Response(status=204)


def _lock(hold):
    rows = Hold.objects.select_for_update(of=["self"])
    locked = rows.select_related("host__office").filter(pk=hold.pk).first()
    if locked is None:  # booked or released meanwhile
        raise Http404
    return locked
