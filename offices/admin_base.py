"""Pages of the admin whose rows belong to an office.

Members hold no model permissions: what they may see and change follows from the
object permissions that their roles give them on offices (offices.roles).
"""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from guardian.core import ObjectPermissionChecker

from config.admin import OperationAdmin, OperationForm, VisibleFilter
from offices.history import SETTINGS
from offices.html import clean_html
from offices.models import Host, Office
from offices.queries import changes
from offices.roles import Permission


class Reach:
    """What one person may do at which offices, looked up once a request."""

    def __init__(self, user):
        self.everything = user.is_superuser
        self._permissions = {}
        if user.is_authenticated and not self.everything:
            offices = list(Office.objects.visible_to(user))
            checker = ObjectPermissionChecker(user)
            checker.prefetch_perms(offices)
            self._permissions = {o.pk: set(checker.get_perms(o)) for o in offices}

    @property
    def is_one_office(self):
        return not self.everything and len(self._permissions) == 1

    def offices(self, permission):
        """Ids of the offices at which the person holds `permission`; not for admins."""
        return {pk for pk, held in self._permissions.items() if permission in held}

    def may(self, permission, office_id=None):
        """Whether at this office; without one, whether anywhere."""
        if self.everything:
            return True
        offices = self.offices(permission)
        return bool(offices) if office_id is None else office_id in offices


def reach_of(request):
    """The reach of who asks. Operations ask again, under their locks."""
    if not hasattr(request, "office_reach"):
        request.office_reach = Reach(request.user)
    return request.office_reach


class HtmlForm(OperationForm):
    """A form whose `html_fields` keep only what is harmless."""

    html_fields = ["description"]

    def clean(self):
        cleaned_data = super().clean()
        for name in self.html_fields:
            if name in cleaned_data:
                cleaned_data[name] = clean_html(cleaned_data[name])
        return cleaned_data


class HostFilter(VisibleFilter):
    """The hosts of one office: the only one, or the one that is chosen."""

    def field_choices(self, field, request, model_admin):
        hosts = model_admin.rows_of(field.remote_field.model, request)
        chosen = {
            value
            for name, value in request.GET.items()
            if name.endswith("office__id__exact")
        }
        of_chosen = [h for h in hosts if not chosen or str(h.office_id) in chosen]
        if len({host.office_id for host in of_chosen}) > 1:
            return []
        return [(host.pk, str(host)) for host in of_chosen]


class DayFilter(admin.SimpleListFilter):
    """Rows by their `day` on the office's calendar; from today on unless asked."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request, model_admin):
        self.office_path = model_admin.office_path
        offices = model_admin.rows_of(Office, request).order_by("time_zone")
        self.one_of_each_zone = list(offices.distinct("time_zone"))
        return [
            ("today", _("Today")),
            ("past", _("Before today")),
            ("all", _("At any time")),
        ]

    def choices(self, changelist):
        whatever, *others = super().choices(changelist)
        return [{**whatever, "display": _("From today")}, *others]

    def queryset(self, request, queryset):
        if self.value() == "all":
            return queryset
        look_up = {"today": "day", "past": "day__lt"}.get(self.value(), "day__gte")
        return queryset.filter(self._of_today(look_up))

    def _of_today(self, look_up):
        """What `look_up` says of today, at the offices of each time zone."""
        of_zone = f"{self.office_path}__time_zone"
        found = Q(pk__in=[])
        for office in self.one_of_each_zone:
            found |= Q(**{of_zone: office.time_zone, look_up: office.today()})
        return found


class OfficeScopedAdmin(OperationAdmin):
    """Rows of the offices where the person works."""

    # How a look-up gets from a row to its office; "" when the row is one, None
    # when it belongs to all.
    office_path = "office"
    # What writing a row asks for at its office; None: it is for superusers alone.
    permission = None
    # What seeing the page asks for, beyond seeing the office.
    view_permission = Permission.VIEW_APPOINTMENTS

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return self.within(rows, self.office_path, request, self.view_permission)

    def get_list_display(self, request):
        """Who works at one office need not read its name on every line."""
        shown = super().get_list_display(request)
        if reach_of(request).is_one_office:
            shown = [name for name in shown if name != "office"]
        return shown

    def within(self, rows, path, request, permission):
        """Only those whose office lets the person do something."""
        reach = reach_of(request)
        if reach.everything or path is None:
            return rows
        look_up = f"{path or 'pk'}__in"
        return rows.filter(**{look_up: reach.offices(permission)})

    def office_id(self, row):
        """The id of the office that a row belongs to."""
        if row is None or self.office_path is None:
            return None
        if not self.office_path:
            return row.pk
        *path, last = self.office_path.split("__")
        for name in path:
            row = getattr(row, name)
        return getattr(row, f"{last}_id")

    def has_view_permission(self, request, obj=None):
        return reach_of(request).may(self.view_permission, self.office_id(obj))

    def may_write(self, request, obj=None):
        reach = reach_of(request)
        if self.permission is None:
            return reach.everything
        return reach.may(self.permission, self.office_id(obj))

    def has_add_permission(self, request):
        return self.may_write(request)

    def has_change_permission(self, request, obj=None):
        return self.may_write(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self.may_write(request, obj)

    def get_field_queryset(self, db, db_field, request):
        """Offer for writing what belongs to offices where the person may write."""
        model = db_field.remote_field.model
        rows = super().get_field_queryset(db, db_field, request)
        path = getattr(self.admin_site.get_model_admin(model), "office_path", None)
        if self.permission is None:
            return rows
        return self.within(rows, path, request, self.permission)

    # --- history: for those who may write the row ---

    def may_see_history(self, request, row):
        return self.opts.label_lower in SETTINGS and self.may_write(request, row)

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if self.opts.label_lower in SETTINGS:
            context["show_history"] = self.may_see_history(request, obj)
        else:  # of what nobody writes by hand, Django's own has nothing to tell
            context["show_history"] = self.has_change_permission(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def history_view(self, request, object_id, extra_context=None):
        """Ours in place of Django's, which knows only what was typed in the admin."""
        if self.opts.label_lower not in SETTINGS:
            return super().history_view(request, object_id, extra_context)
        row = self.get_object(request, unquote(object_id))
        if not self.may_see_history(request, row):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % row,
            "opts": self.opts,
            "row": row,
            "entries": changes.of_row(row),
        }
        return TemplateResponse(request, "admin/people/history.html", context)

    def get_changeform_initial_data(self, request):
        """Where there is only one office to choose, choose it."""
        offices = reach_of(request).offices(self.permission)
        only = {"office": offices.pop()} if len(offices) == 1 else {}
        return {**only, **super().get_changeform_initial_data(request)}

    def label(self, row):
        """Hosts of several offices may be named alike."""
        return f"{row.office}: {row}" if isinstance(row, Host) else str(row)
