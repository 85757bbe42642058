from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
    UserChangeForm,
)
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import account, operations, second_factor, sessions
from accounts.models import AccountMail, Registration, SecondFactor, SignIn, User
from accounts.sign_in import AdminLogin, first_set_it_up
from config.admin import LIST_AND_FORM, OperationAdmin, ReadOnly

MAY = pgettext_lazy("is allowed to", "May")  # without context, it is the month

admin.site.unregister(Group)  # groups follow from memberships (offices.operations)
admin.site.sign_in = AdminLogin.with_context
admin.site.own_password = account.ACCOUNT_PASSWORD
admin.site.first_of_all = first_set_it_up


class UserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class UserAddForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]


class PasswordForm(AdminPasswordChangeForm):
    """An admin's new password for somebody, by the operation that signs them out."""

    def save(self, commit=True):
        given = self.cleaned_data
        new = given["password1"] if given["set_usable_password"] else None
        self.user = operations.set_password(self.user, new, by=None)
        return self.user


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
    change_password_form = PasswordForm
    actions = [
        "unlock",
        "sign_out",
        "reset_second_factor",
        "deactivate",
        "reactivate",
    ]
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

    def has_reset_permission(self, request):
        """Admins, and managers for the people whose offices are all theirs."""
        if not hasattr(request, "may_reset"):  # Django asks for each place of a button
            managed = request.user.memberships.current().managing()
            request.may_reset = request.user.is_superuser or managed.exists()
        return request.may_reset

    @admin.action(
        permissions=["unlock"],
        description=_("Sign out everywhere"),
        location=LIST_AND_FORM,
    )
    def sign_out(self, request, queryset):
        done = _("Signed out everywhere.")
        self.perform(sessions.end_all, request, queryset, done=done)

    @admin.action(
        permissions=["reset"],
        description=_("Take the second step away"),
        location=LIST_AND_FORM,
    )
    def reset_second_factor(self, request, queryset):
        done = _("Signs in with the password alone now, and can set it up again.")
        self.perform(second_factor.reset, request, queryset, done=done)

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
    """Where one is signed in, by browser or app; to see, and to end."""

    list_display = ["user", "kind", "device", "created_at", "last_seen_at", "ended_at"]
    list_filter = ["kind", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
    fields = [
        "user",
        "kind",
        "device",
        "created_at",
        "last_seen_at",
        "expires_at",
        "ended_at",
    ]
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


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnly, OperationAdmin):
    """Who has a second step, and who took whose away when; no secret is shown."""

    list_display = ["user", "created_at", "ended_at", "ended_by"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "ended_by"]
    search_fields = ["user__name", "user__email"]
    fields = ["user", "created_at", "failed_at", "ended_at", "ended_by"]

    def has_view_permission(self, request, obj=None):
        return True


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
