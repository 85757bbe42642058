from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from config.admin import OperationAdmin

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
    readonly_fields = ["email_verified_at", "date_joined", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        (_("Person"), {"fields": ["name", "phone", "language"]}),
        (MAY, {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Since"), {"fields": readonly_fields}),
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
