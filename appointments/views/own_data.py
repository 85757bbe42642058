"""What is kept about somebody: to read, to take away, and to delete.

Of one appointment by its link, without an account; of an account, signed in to it.
"""

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from accounts import erasing as accounts
from accounts import second_factor
from accounts.account import code_field, password_field
from appointments.privacy import erasing, subjects, telling
from appointments.views import words
from appointments.views.base import Page, PageByLink, limit_posts
from config.exceptions import DomainError
from config.views import OperationView


class SureForm(forms.Form):
    sure = forms.BooleanField(
        label=_("Delete it for good. Nobody can bring it back."),
        error_messages={"required": _("Tick the box if you want to delete it.")},
    )


class AccountForm(SureForm):
    password = password_field()
    code = code_field(
        label=_("Code"),
        help_text=_("The six digits that your phone shows now, or a recovery code."),
    )
    field_order = ["password", "code", "sure"]

    def __init__(self, *args, has_second_step, **kwargs):
        super().__init__(*args, **kwargs)
        if not has_second_step:
            del self.fields["code"]


def file_of(subject, *, by):
    """The answer that is a file with all of it."""
    told = telling.tell(subject, by=by)
    name = f"my-data-{timezone.now().date()}.json"
    return HttpResponse(
        telling.as_json(told),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def why_not_erase(subject):
    """The sentence for which it cannot be deleted now; empty if it can."""
    try:
        erasing.check_erasable(subject)
    except DomainError as error:
        return str(error)
    return ""


@limit_posts("own-data")
class VisitData(PageByLink, OperationView):
    """What one appointment says about whoever holds its link."""

    template_name = "appointments/own_data.html"
    form_class = SureForm

    @property
    def subject(self):
        return subjects.of_visit(self.appointment)

    def perform(self, form):
        return erasing.erase(self.subject, by=self.appointment.citizen)

    def get_success_url(self):
        return reverse("appointments:manage", args=[self.kwargs["token"]])

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            citizen=words.of_citizen(self.appointment),
            visit=words.of_visit(self.appointment),
            why_not=why_not_erase(self.subject),
            retention_days=self.appointment.office.retention_days,
            **kwargs,
        )


class VisitFile(PageByLink, View):
    def get(self, request, *args, **kwargs):
        subject = subjects.of_visit(self.appointment)
        return file_of(subject, by=self.appointment.citizen)


class OfAccount(LoginRequiredMixin, Page):
    headers = {"Cache-Control": "private, no-store"}

    @cached_property
    def subject(self):
        return subjects.of_account(self.request.user)


@limit_posts("own-data")
class AccountData(OfAccount, OperationView):
    """What is kept about an account, and under its address."""

    template_name = "appointments/account_data.html"
    form_class = AccountForm
    success_url = reverse_lazy("home")
    success_message = _("Your account and your data have been deleted.")

    def get_form_kwargs(self):
        factor = second_factor.of(self.request.user)
        return {**super().get_form_kwargs(), "has_second_step": factor is not None}

    def perform(self, form):
        given, user = form.cleaned_data, self.request.user
        code = given.get("code", "")
        accounts.confirm(self.request, user, password=given["password"], code=code)
        erasing.erase(self.subject, by=user)
        logout(self.request)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            account=self.request.user,
            visits=[words.in_short(visit) for visit in self.visits()],
            why_not=why_not_erase(self.subject),
            **kwargs,
        )

    def visits(self):
        return self.subject.appointments.order_by("-starts_at")


class AccountFile(OfAccount, View):
    def get(self, request, *args, **kwargs):
        return file_of(self.subject, by=request.user)
