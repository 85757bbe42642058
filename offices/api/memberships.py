"""Who works at an office, as what."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.serializers import EmailField, SentSerializer
from accounts.models import User
from config.api import limits
from config.api.schema import operation
from config.api.views import ApiView
from offices import invitations, operations
from offices.api.fields import OfficeTimeField
from offices.api.locks import with_office
from offices.exceptions import AlreadyInvited, AlreadyMember, LastManager
from offices.models import Membership, Office
from offices.permissions import require
from offices.queries.people import colleague
from offices.roles import Permission, Role

MEMBERSHIP = {
    "id": 31,
    "office": 7,
    "user": {"id": 12, "name": "Erika Mustermann", "email": "erika@example.org"},
    "role": "reception",
    "position": "Front desk",
    "is_primary": False,
    "started_at": "2027-01-11T09:00:00+01:00",
    "ended_at": None,
}
INVITED = _(
    "We have sent an invitation to this address. Its link makes the person a member."
)
INVITATIONS = limits.Limit("invitations", "INVITATION_RATE")


class MemberSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "name", "email"]
        read_only_fields = fields


class MembershipSerializer(serializers.ModelSerializer):
    user = MemberSerializer()
    started_at = OfficeTimeField(help_text=_("With the office's offset."))
    ended_at = OfficeTimeField(allow_null=True)

    class Meta:
        model = Membership
        fields = list(MEMBERSHIP)
        read_only_fields = fields


or_invited = extend_schema(
    responses={201: MembershipSerializer, 202: SentSerializer},
    examples=[
        OpenApiExample(
            "Invited",
            value={"detail": str(INVITED)},
            response_only=True,
            status_codes=["202"],
        )
    ],
)


class AddMemberSerializer(serializers.Serializer):
    email = EmailField(help_text=_("With which the person signs in."))
    name = serializers.CharField(
        max_length=150,
        required=False,
        help_text=_("For an invitation; whoever accepts it can change it."),
    )
    role = serializers.ChoiceField(Role.choices)
    position = serializers.CharField(max_length=100, required=False, allow_blank=True)
    is_primary = serializers.BooleanField(
        required=False, help_text=_("The office's first contact; there is one at most.")
    )


class ChangeMembershipSerializer(serializers.Serializer):
    role = serializers.ChoiceField(Role.choices)
    position = serializers.CharField(max_length=100, allow_blank=True)
    is_primary = serializers.BooleanField()


class WhichRoleSerializer(serializers.Serializer):
    role = serializers.ChoiceField(
        Role.choices,
        required=False,
        help_text=_("Which is meant, of somebody with several roles there."),
    )


class OfOffice(ApiView):
    serializer_class = MembershipSerializer

    def office(self):
        """The office, for those who manage its members."""
        offices = Office.objects.visible_to(self.request.user)
        office = get_object_or_404(offices, pk=self.kwargs["office_id"])
        require(self.request.user, Permission.MANAGE_MEMBERS, office)
        return office


class Memberships(OfOffice):
    @operation(
        "List an office's members",
        gives=MembershipSerializer(many=True),
        answer=MEMBERSHIP,
    )
    def get(self, request, office_id):
        """Those who have a role there now."""
        current = self.office().memberships.current().select_related("user", "office")
        return Response(self.get_serializer(current, many=True).data)

    @or_invited
    @operation(
        "Add a member",
        takes=AddMemberSerializer,
        gives=MembershipSerializer,
        status=201,
        refuses=[AlreadyMember, AlreadyInvited],
        example={"email": "erika@example.org", "role": "reception"},
        answer=MEMBERSHIP,
    )
    def post(self, request, office_id):
        """Give a person a role at the office, and what it may do.

        A colleague whom you see anyway has it at once (201). Anybody else is invited
        by mail (202), for a week; nobody learns whether there is an account.
        """
        office = self.office()
        given = self.valid(AddMemberSerializer)
        email, name = given.pop("email"), given.pop("name", "")
        person = colleague(office, email, by=request.user)
        if person is None:
            return self.invite(office, email, name=name, **given)
        role = given.pop("role")
        membership = operations.add_member(
            person, office, role, by=request.user, **given
        )
        return self.reply(membership, status=201)

    def invite(self, office, email, *, name, is_primary=False, **about):
        if is_primary:
            message = _("Say so when the person has accepted the invitation.")
            raise serializers.ValidationError({"is_primary": message}, "not_yet")
        limits.check(limits.count(self.request, INVITATIONS, self.request.user))
        name = name or email.partition("@")[0]
        by = self.request.user
        invitations.invite(office, email=email, name=name, by=by, **about)
        return Response({"detail": str(INVITED)}, status=202)


class OneMembership(OfOffice):
    def asked(self):
        asked = WhichRoleSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return asked.validated_data

    def held(self, user_id):
        """What a person has at the office now: all of it, or the role asked for."""
        held = self.office().memberships.current().filter(user=user_id)
        rows = list(held.filter(**self.asked()).select_related("user", "office"))
        if not rows:
            raise Http404
        return rows

    def only(self, user_id):
        held = self.held(user_id)
        if len(held) > 1:
            raise serializers.ValidationError(
                {"role": _("This person has several roles here. Say which you mean.")}
            )
        return held[0]

    @operation(
        "Change a member",
        takes=ChangeMembershipSerializer,
        gives=MembershipSerializer,
        refuses=[AlreadyMember, LastManager],
        example={"role": "secretary"},
        answer={**MEMBERSHIP, "role": "secretary"},
        parameters=[WhichRoleSerializer],
    )
    def patch(self, request, office_id, user_id):
        """Another role ends this membership and begins a new one."""
        with self.unchanged(self.only(user_id), lock=with_office) as membership:
            changes = self.valid(ChangeMembershipSerializer, partial=True)
            membership = operations.change_membership(
                membership, by=request.user, **changes
            )
            return self.reply(membership)

    @operation(
        "Remove a member",
        status=204,
        refuses=[LastManager],
        parameters=[WhichRoleSerializer],
    )
    def delete(self, request, office_id, user_id):
        """Take away the roles that a person has at the office, or one of them."""
        with self.unchanged(self.held(user_id)[0], lock=with_office) as membership:
            user, office = membership.user, membership.office
            operations.end_memberships(user, office, by=request.user, **self.asked())
        return Response(status=204)
