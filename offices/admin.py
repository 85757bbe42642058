"""Pages for the catalogue and the people. Offices, hosts and closures, whose hours
follow what is written, have theirs in availability.admin.
"""

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.admin import LIST_AND_FORM, OperationForm, ReadOnly
from offices import api_keys, invitations, offering, operations
from offices.admin_base import HtmlForm, OfficeScopedAdmin
from offices.admin_history import SettingChangeAdmin
from offices.admin_texts import MissingTranslation, TextsAdmin, TextsForm
from offices.models import ApiKey, Invitation, Membership, OfficeService, Service
from offices.roles import Permission, may_words

__all__ = ["SettingChangeAdmin"]

MAY = pgettext_lazy("is allowed to", "may")  # without context, it is the month


class ServiceForm(TextsForm, HtmlForm):
    texts = ["name", "description", "what_to_bring", "fee", "keywords"]
    html_fields = ["description", "what_to_bring", "fee"]


@admin.register(Service)
class ServiceAdmin(TextsAdmin, OfficeScopedAdmin):
    """The catalogue is one for all offices: members read it, superusers write it."""

    office_path = None
    form = ServiceForm
    list_display = ["name", "minutes", "max_quantity", "is_public", "not_translated"]
    list_filter = ["is_public", MissingTranslation]
    texts_after = 3
    search_fields = ["name", "keywords", "code"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *("name", "code", "language", "is_public", "is_sensitive"),
                    *("duration", "max_quantity"),
                ]
            },
        ),
        (_("For citizens"), {"fields": [*ServiceForm.html_fields, "online_url"]}),
        (_("Search"), {"fields": ["keywords"]}),
        (_("Import"), {"fields": ["source", "source_id"]}),
    ]

    @admin.display(description=_("minutes"), ordering="duration")
    def minutes(self, service):
        return int(service.duration.total_seconds() / 60)

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"code": ["name"]}

    def save_model(self, request, obj, form, change):
        offering.save_service(obj, by=request.user)

    def delete_rows(self, request, rows):
        for service in rows:
            offering.delete_service(service, by=request.user)


@admin.register(OfficeService)
class OfficeServiceAdmin(OfficeScopedAdmin):
    permission = Permission.MANAGE_OFFICE
    list_display = ["service", "office", "minutes", "is_public"]
    list_filter = ["office", "is_public"]
    list_select_related = ["office", "service"]
    search_fields = ["service__name", "office__name"]
    fields = [
        "office",
        "service",
        "own_duration",
        "own_max_quantity",
        "buffer",
        "is_public",
    ]

    @admin.display(description=_("minutes"))
    def minutes(self, offered):
        return int(offered.duration.total_seconds() / 60)

    def get_readonly_fields(self, request, obj=None):
        return ["office", "service"] if obj else []

    def save_model(self, request, obj, form, change):
        offering.offer(obj, by=request.user)

    def delete_rows(self, request, rows):
        for offered in rows:
            offering.withdraw(offered, by=request.user)


class MembershipForm(OperationForm):
    def validate_constraints(self):
        """The operation says it better, and has a new primary contact replace one."""


@admin.register(Membership)
class MembershipAdmin(OfficeScopedAdmin):
    """Given and ended by operations, which grant and revoke what the role may."""

    permission = Permission.MANAGE_MEMBERS
    form = MembershipForm
    list_display = [
        "user",
        "role",
        "office",
        "position",
        "is_primary",
        "started_at",
        "ended_at",
    ]
    list_filter = ["office", "role", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "office"]
    search_fields = ["user__name", "user__email", "position"]
    autocomplete_fields = ["user"]
    actions = ["end"]

    def get_fields(self, request, obj=None):
        given = ["user", "office", "role", "position", "is_primary"]
        return [*given, "started_at", "ended_at", "may"] if obj else given

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj) if obj else []

    @admin.display(description=MAY)
    def may(self, membership):
        return "; ".join(str(label) for label in may_words(membership.role))

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_end_permission(self, request):
        return self.may_write(request)

    def save_model(self, request, obj, form, change):
        """Keep what the operation has made: the form's own object stays unsaved."""
        given = form.cleaned_data
        made = operations.add_member(
            given["user"],
            given["office"],
            given["role"],
            by=request.user,
            position=given["position"],
            is_primary=given["is_primary"],
        )
        obj.pk = made.pk

    @admin.action(
        permissions=["end"], description=_("End membership"), location=LIST_AND_FORM
    )
    def end(self, request, queryset):
        self.perform(operations.end_membership, request, queryset, done=_("Ended."))


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, OfficeScopedAdmin):
    """Who has been invited; the page about people invites (offices.staff_people)."""

    permission = view_permission = Permission.MANAGE_MEMBERS
    list_display = ["email", "name", "role", "office", "expires_at", "accepted_at"]
    list_filter = [
        "office",
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("withdrawn_at", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["office"]
    search_fields = ["email", "name"]
    fields = [
        *("office", "email", "name", "role", "position", "invited_by", "created_at"),
        *("expires_at", "sending", "accepted_at", "withdrawn_at"),
    ]
    actions = ["resend", "withdraw"]

    def has_invite_permission(self, request):
        return self.may_write(request)

    @admin.action(
        permissions=["invite"], description=_("Send again"), location=LIST_AND_FORM
    )
    def resend(self, request, queryset):
        done = _("Sent again.")
        self.perform(invitations.resend, request, queryset, done=done)

    @admin.action(
        permissions=["invite"], description=_("Withdraw"), location=LIST_AND_FORM
    )
    def withdraw(self, request, queryset):
        done = _("Withdrawn.")
        self.perform(invitations.withdraw, request, queryset, done=done)


class ApiKeyForm(OperationForm):
    permissions = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=Permission,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what you may do yourself at each of these offices."),
    )

    class Meta:
        model = ApiKey
        fields = ["name", "offices", "permissions", "expires_at"]
        widgets = {"offices": forms.CheckboxSelectMultiple}


@admin.register(ApiKey)
class ApiKeyAdmin(OfficeScopedAdmin):
    """Keys for programs. The secret is shown once, when the key is made."""

    office_path = None
    permission = view_permission = Permission.MANAGE_MEMBERS
    form = ApiKeyForm
    list_display = [
        "name",
        "prefix",
        "expires_at",
        "last_used_at",
        "revoked_at",
    ]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "prefix"]
    actions = ["revoke"]

    def get_fields(self, request, obj=None):
        given = ["name", "offices", "may" if obj else "permissions", "expires_at"]
        if obj is None:
            return given
        since = ["created_by", "created_at", "last_used_at", "revoked_at"]
        return ["prefix", *given, *since]

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj) if obj else []

    @admin.display(description=MAY)
    def may(self, key):
        return "; ".join(str(Permission(held).label) for held in key.permissions)

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_revoke_permission(self, request):
        return self.may_write(request)

    def save_model(self, request, obj, form, change):
        """Keep what the operation has made: the form's own object stays unsaved."""
        made, secret = api_keys.create(**form.cleaned_data, by=request.user)
        obj.pk = made.pk
        text = _("Copy the key now, it is shown this once: {}").format(secret)
        messages.warning(request, text)

    def save_related(self, request, form, formsets, change):
        """The operation has."""

    @admin.action(
        permissions=["revoke"], description=_("Revoke"), location=LIST_AND_FORM
    )
    def revoke(self, request, queryset):
        self.perform(api_keys.revoke, request, queryset, done=_("Revoked."))
