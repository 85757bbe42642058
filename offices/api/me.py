"""One's own account: who the caller is, and what he or she may do where.

Here and not in accounts.api, since roles and keys are of offices.
"""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import operations
from accounts.api.serializers import ProfileSerializer, UserSerializer
from config.api.schema import operation
from config.api.views import ApiView
from offices.models import ApiKey, Membership
from offices.roles import PERMISSIONS, Permission, Role

ME = {
    "id": 12,
    "email": "erika@example.org",
    "name": "Erika Mustermann",
    "phone": "+498923300",
    "language": "de",
    "email_verified": True,
    "is_staff": True,
    "memberships": [
        {
            "office": 7,
            "role": "host",
            "permissions": ["view_appointments", "decide_requests", "run_desk"],
        }
    ],
    "api_key": None,
}


class OwnMembershipSerializer(serializers.ModelSerializer):
    permissions = serializers.SerializerMethodField(
        help_text=_("What this role may do there.")
    )

    class Meta:
        model = Membership
        fields = ["office", "role", "permissions"]
        read_only_fields = fields

    @extend_schema_field(
        serializers.ListField(child=serializers.ChoiceField(Permission.choices))
    )
    def get_permissions(self, membership):
        held = PERMISSIONS[Role(membership.role)]
        return [permission.value for permission in Permission if permission in held]


class OwnKeySerializer(serializers.ModelSerializer):
    offices = serializers.ListField(
        child=serializers.IntegerField(), help_text=_("Their ids.")
    )
    permissions = serializers.ListField(
        child=serializers.ChoiceField(Permission.choices)
    )

    class Meta:
        model = ApiKey
        fields = ["offices", "permissions", "expires_at"]
        read_only_fields = fields

    def to_representation(self, key):
        pks = key.offices.order_by("pk").values_list("pk", flat=True)
        expires_at = key.expires_at and key.expires_at.isoformat()
        return {
            "offices": list(pks),
            "permissions": key.permissions,
            "expires_at": expires_at,
        }


class MeSerializer(UserSerializer):
    memberships = serializers.SerializerMethodField()
    api_key = serializers.SerializerMethodField(
        help_text=_("Of a program: what its key may do; null for people.")
    )

    class Meta(UserSerializer.Meta):
        fields = list(ME)
        read_only_fields = fields

    @extend_schema_field(OwnMembershipSerializer(many=True))
    def get_memberships(self, user):
        if user.is_machine:
            return []
        current = user.memberships.current().order_by("office", "role")
        return OwnMembershipSerializer(current, many=True).data

    @extend_schema_field(OwnKeySerializer(allow_null=True))
    def get_api_key(self, user):
        return OwnKeySerializer(user.api_key).data if user.is_machine else None


class Me(ApiView):
    serializer_class = MeSerializer

    @operation("Show one's account", gives=MeSerializer, answer=ME)
    def get(self, request):
        """Who the caller is, and what he, she or it may do at which office."""
        return self.reply(request.user)

    @operation(
        "Change one's account",
        takes=ProfileSerializer,
        gives=MeSerializer,
        example={"language": "de"},
        answer=ME,
    )
    def patch(self, request):
        """Change name, phone or language; what is left out stays."""
        with self.unchanged(request.user) as user:
            changes = self.valid(ProfileSerializer, partial=True)
            user = operations.change_profile(user, by=request.user, **changes)
            return self.reply(user)
