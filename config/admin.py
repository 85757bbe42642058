"""The frame of the admin: a window and a lever.

A page shows the rows that exist for a person, `visible_to()`; its filters and
choices offer no others. It writes through operations, and what an operation
refuses is shown on the form or the list that asked for it. Who may change what is
said by each app's pages (offices.admin_base).
"""

from collections import defaultdict

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.options import ActionLocation, IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, models, transaction
from django.http import Http404, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from config.exceptions import DomainError

LIST_AND_FORM = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]
REFUSALS = (DomainError, ValidationError, PermissionDenied)

admin.site.site_header = admin.site.site_title = settings.SITE_NAME
admin.site.index_title = _("Your offices")


class AskFirst(Exception):
    """Raised by save_model and delete_rows to ask before anything is written.

    `answer()` makes the response that asks, once all has been rolled back.
    """

    def __init__(self, answer):
        super().__init__()
        self.answer = answer


def sentence(refusal):
    """What to tell a person whom an operation has refused."""
    if isinstance(refusal, PermissionDenied):
        return str(_("Your role at this office does not allow this."))
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    return str(refusal)


class OperationForm(forms.ModelForm):
    """A form that can be shown again with what an operation refused.

    OperationAdmin sets `refusal` on the class that it makes for each request.
    """

    refusal = None

    def clean(self):
        cleaned_data = super().clean()
        if hasattr(self.refusal, "error_dict"):
            for field, errors in self.refusal.error_dict.items():
                self.add_error(field if field in self.fields else None, errors)
        elif self.refusal is not None:
            self.add_error(None, sentence(self.refusal))
        return cleaned_data


class VisibleFilter(admin.RelatedFieldListFilter):
    """A filter by another model, whose options are what the person may see."""

    def field_choices(self, field, request, model_admin):
        rows = model_admin.rows_of(field.remote_field.model, request)
        return [(row.pk, model_admin.label(row)) for row in rows]


class VisibleInline(admin.TabularInline):
    """Rows of another page shown on this one: those that page has, read-only."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request):
        return self.admin_site.get_model_admin(self.model).get_queryset(request)

    def has_view_permission(self, request, obj=None):
        return True

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnly:
    """For rows that nobody writes by hand. Put it before the admin class."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class OperationAdmin(admin.ModelAdmin):
    """The base of every page. Write in save_model, delete_model and delete_rows."""

    form = OperationForm
    actions = ["delete_selected"]
    list_per_page = 50
    # The browser's own pickers: they know phones, and need no script.
    formfield_overrides = {
        models.DateField: {
            "widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        },
        models.TimeField: {
            "widget": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        },
        models.DateTimeField: {
            "form_class": forms.DateTimeField,
            "widget": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        },
    }

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    def get_object(self, request, object_id, from_field=None):
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404
        return row

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    # --- what there is to choose from ---

    def rows_of(self, model, request):
        """The rows of another model that the person may see, as its page has them."""
        rows = self.admin_site.get_model_admin(model).get_queryset(request)
        return rows.prefetch_related(None)

    def label(self, row):
        """What a choice or a filter calls a row."""
        return str(row)

    def get_field_queryset(self, db, db_field, request):
        return self.rows_of(db_field.remote_field.model, request)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        field.label_from_instance = self.label
        return field

    def get_list_filter(self, request):
        """Have filters by another model offer what is visible, and only that."""
        return [
            (name, VisibleFilter) if self._is_relation(name) else name
            for name in super().get_list_filter(request)
        ]

    def _is_relation(self, name):
        if not isinstance(name, str):
            return False
        return get_fields_from_path(self.model, name)[-1].is_relation

    # --- what is refused ---

    def get_changelist_instance(self, request):
        """What the database cannot look for is a filter that makes no sense, too."""
        try:
            return super().get_changelist_instance(request)
        except (DataError, OverflowError) as error:
            raise IncorrectLookupParameters from error

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Show what an operation refused on the form; nothing has been written.

        Django writes in one transaction, which the refusal has rolled back.
        """
        about = (request, object_id, form_url, extra_context)
        try:
            return super().changeform_view(*about)
        except AskFirst as question:
            return question.answer()
        except REFUSALS as refusal:
            if request.method != "POST":
                raise
            request.refusal = refusal
            return super().changeform_view(*about)

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except AskFirst as question:
            return question.answer()
        except (DomainError, ValidationError) as refusal:
            self.message_user(request, sentence(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def delete_rows(self, request, rows):
        """Delete; for pages whose rows an operation deletes to write anew."""
        for row in rows:
            row.delete()

    def delete_model(self, request, obj):
        self.delete_rows(request, [obj])

    def delete_queryset(self, request, queryset):
        self.delete_rows(request, queryset)

    @admin.action(permissions=["delete"], description=delete_selected.short_description)
    def delete_selected(self, request, queryset):
        """Django's own action, all or nothing."""
        try:
            with transaction.atomic():
                return delete_selected(self, request, queryset)
        except AskFirst as question:
            return question.answer()
        except (DomainError, ValidationError) as refusal:
            return self.message_user(request, sentence(refusal), messages.ERROR)

    def perform(self, operation, request, queryset, *, done, **kwargs):
        """Run an operation on each row; say which were refused, and why.

        `done` is what to say of those that were not, like "Checked in".
        """
        outcomes = defaultdict(list)
        for row in queryset:
            try:
                operation(row, by=request.user, **kwargs)
            except REFUSALS as refusal:
                outcomes[messages.ERROR, sentence(refusal)].append(str(row))
            else:
                outcomes[messages.SUCCESS, str(done)].append(str(row))
        for (level, outcome), rows in outcomes.items():
            self.message_user(request, f"{', '.join(rows)}: {outcome}", level)
