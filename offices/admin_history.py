"""The history of settings, to look at: a list of all, and one for each setting."""

from django.apps import apps
from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.admin import ReadOnly, VisibleFilter
from offices.admin_base import OfficeScopedAdmin
from offices.history import SETTINGS
from offices.models import SettingChange
from offices.queries import changes
from offices.roles import Permission


class OneOffice(VisibleFilter):
    include_empty_choice = False  # what concerns all has no office to choose


class KindOfSetting(admin.SimpleListFilter):
    title = _("kind of setting")
    parameter_name = "setting"

    def lookups(self, request, model_admin):
        named = [
            (label, str(apps.get_model(label)._meta.verbose_name)) for label in SETTINGS
        ]
        return sorted(named, key=lambda choice: choice[1].lower())

    def queryset(self, request, queryset):
        return queryset.filter(model=self.value()) if self.value() else queryset


class Who(admin.SimpleListFilter):
    """Those who have done something that the person may see."""

    title = _("person")
    parameter_name = "who"

    def lookups(self, request, model_admin):
        acted = model_admin.get_queryset(request).order_by().values("by")
        people = User.objects.filter(pk__in=acted).order_by("name", "pk")
        system = [("system", _("The system"))]
        return [(str(user.pk), str(user)) for user in people] + system

    def queryset(self, request, queryset):
        who = self.value() or ""
        if who == "system":
            return queryset.filter(by=None)
        return queryset.filter(by=who) if who.isdecimal() else queryset


@admin.register(SettingChange)
class SettingChangeAdmin(ReadOnly, OfficeScopedAdmin):
    """Only ever added to, by the operations that change a setting."""

    permission = view_permission = Permission.MANAGE_OFFICE
    list_display = ["when", "setting", "name", "kind", "fields_named", "who", "office"]
    list_filter = [("office", OneOffice), KindOfSetting, "kind", Who]
    list_select_related = ["office", "by"]
    search_fields = ["name"]
    fields = ["when", "who", "office", "setting", "name", "kind", "what"]

    class Media:
        css = {"all": ["css/staff/history.css"]}

    @admin.display(description=_("when"), ordering="at")
    def when(self, change):
        return changes.when(change)

    @admin.display(description=_("kind of setting"), ordering="model")
    def setting(self, change):
        return changes.kind_of_setting(change)

    @admin.display(description=_("by"), ordering="by__name")
    def who(self, change):
        return changes.who(change)

    @admin.display(description=_("fields"))
    def fields_named(self, change):
        return changes.fields_named(change)

    @admin.display(description=_("before and after"))
    def what(self, change):
        context = {"lines": changes.lines(change)}
        return render_to_string("admin/people/changes.html", context)
