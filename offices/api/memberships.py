"""Who works at an office, as what."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.response import Response

from accounts.models import User
from config.api.schema import operation
from config.api.views import ApiView
from offices import operations
from offices.api.fields import OfficeTimeField
from offices.api.locks import with_office
from offices.exceptions import AlreadyMember, LastManager
from offices.models import Membership, Office
from offices.permissions import require
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


class AccountField(serializers.EmailField):
    """The address of an account; becomes the user."""

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": 254, **kwargs})

    def run_validation(self, data=empty):
        email = User.objects.normalize_email(super().run_validation(data))
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise serializers.ValidationError(
                _("There is no account with this address."), code="unknown"
            )
        return user


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


class AddMemberSerializer(serializers.Serializer):
    email = AccountField(source="user", help_text=_("Of the person's account."))
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

    @operation(
        "Add a member",
        takes=AddMemberSerializer,
        gives=MembershipSerializer,
        status=201,
        refuses=[AlreadyMember],
        example={"email": "erika@example.org", "role": "reception"},
        answer=MEMBERSHIP,
    )
    def post(self, request, office_id):
        """Give a person with an account a role at the office, and what it may do."""
        office = self.office()
        given = self.valid(AddMemberSerializer)
        membership = operations.add_member(
            given.pop("user"), office, given.pop("role"), by=request.user, **given
        )
        return self.reply(membership, status=201)


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
