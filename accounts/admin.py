from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import operations
from accounts.models import AccountMail, Registration, SignIn, User
from config.admin import LIST_AND_FORM, OperationAdmin, ReadOnly

MAY = pgettext_lazy("is allowed to", "May")  # without context, it is the month

admin.site.unregister(Group)  # groups follow from memberships (offices.operations)


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class UserAddForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]


@admin.register(User)
class UserAdmin(OperationAdmin, DjangoUserAdmin):
    """Accounts: superusers write them, managers see the people of their offices.

    What a person may do is said by memberships, never here.
    """

    form = UserForm
    add_form = UserAddForm
    list_display = ["name", "email", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser"]
    search_fields = ["name", "email"]
    ordering = ["name", "pk"]
    filter_horizontal = []
    actions = ["unlock", "deactivate", "reactivate"]
    since = ["email_verified_at", "date_joined", "last_login"]
    readonly_fields = ["is_active", *since]  # closing an account is an operation
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["name", "phone", "language"]}),
        (MAY, {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": since}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name"]}),
        (_("Password"), {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_fieldsets(self, request, obj=None):
        """A password, and its hash, are nobody's to look at."""
        if obj is not None and not self.has_change_permission(request, obj):
            return [
                (None, {"fields": ["email", "name", "phone", "language"]}),
                (MAY, {"fields": ["is_active", "is_staff"]}),
            ]
        return super().get_fieldsets(request, obj)

    def has_view_permission(self, request, obj=None):
        """All who get into the admin see at least themselves."""
        return True

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_unlock_permission(self, request):
        return request.user.is_superuser

    @admin.action(
        permissions=["unlock"],
        description=_("Forget wrong passwords"),
        location=LIST_AND_FORM,
    )
    def unlock(self, request, queryset):
        self.perform(operations.unlock, request, queryset, done=_("May try again."))

    @admin.action(
        permissions=["unlock"],
        description=_("Close the account"),
        location=LIST_AND_FORM,
    )
    def deactivate(self, request, queryset):
        done = _("Closed; signed out everywhere.")
        self.perform(operations.deactivate, request, queryset, done=done)

    @admin.action(
        permissions=["unlock"],
        description=_("Open the account again"),
        location=LIST_AND_FORM,
    )
    def reactivate(self, request, queryset):
        done = _("Open; a mail leads to a new password.")
        self.perform(operations.reactivate, request, queryset, done=done)


@admin.register(SignIn)
class SignInAdmin(ReadOnly, OperationAdmin):
    """Where one is signed in by API; to see, and to end."""

    list_display = ["user", "created_at", "expires_at", "ended_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
    fields = ["user", "created_at", "expires_at", "ended_at"]
    actions = ["end"]

    def has_view_permission(self, request, obj=None):
        return True

    def has_end_permission(self, request):
        return True

    @admin.action(
        permissions=["end"], description=_("End the sign-in"), location=LIST_AND_FORM
    )
    def end(self, request, queryset):
        self.perform(operations.end_sign_in, request, queryset, done=_("Ended."))


class ForAdmins(ReadOnly, OperationAdmin):
    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser


@admin.register(Registration)
class RegistrationAdmin(ForAdmins):
    """Accounts asked for; they become users when their address is confirmed."""

    list_display = ["email", "name", "created_at", "user"]
    list_filter = [("user", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "phone", "language", "created_at", "user"]


@admin.register(AccountMail)
class AccountMailAdmin(ForAdmins):
    """Mails about accounts: what is owed, what was sent, what failed and why."""

    list_display = ["kind", "email", "status", "due_at", "attempts", "created_at"]
    list_filter = ["status", "kind"]
    search_fields = ["email"]
    fields = [
        "kind",
        "email",
        "language",
        "status",
        "due_at",
        "attempts",
        "last_error",
        "created_at",
    ]
