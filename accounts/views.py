from math import ceil

from axes.helpers import get_cool_off
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts import guessing, links, operations
from accounts.exceptions import LinkInvalid
from accounts.fields import AddressField
from accounts.limits import few_times
from accounts.models import User
from config.bots import GuardedForm
from config.views import OperationView, is_api


def new_password_field(label):
    return forms.CharField(
        label=label,
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lambda: " ".join(password_validators_help_texts()),
        error_messages={"required": _("Choose a password.")},
    )


def name_field():
    return forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )


class NewPasswordForm(forms.Form):
    new_password = new_password_field(_("New password"))


class ConfirmForm(forms.Form):
    """The password of the account, whatever was chosen at the registration."""

    name = name_field()
    password = new_password_field(_("Password"))


class AskForLinkForm(GuardedForm):
    email = AddressField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The one that you sign in with."),
        error_messages={"required": _("Enter your e-mail address.")},
    )


@few_times("ask-for-link")
class AskForLink(OperationView):
    """Asking for a mail with a link to a new password; nobody learns who has one."""

    form_class = AskForLinkForm
    template_name = "accounts/forgotten.html"
    success_url = reverse_lazy("accounts:login")
    success_message = _(
        "If there is an account with this address, we have sent a mail to it. "
        "Follow its link to choose a new password."
    )

    def perform(self, form):
        return operations.ask_for_reset(form.cleaned_data["email"])


@few_times("by-mail")
class ByMail(OperationView):
    """A page that a mail leads to: whoever has its token may choose a password."""

    success_url = reverse_lazy("accounts:login")

    def form_valid(self, form):
        """The owner signs in with this browser next, whoever is guessing meanwhile."""
        response = super().form_valid(form)
        if self.result is None:
            return response
        return guessing.remember(response, self.request, self.result)


class ConfirmRegistration(ByMail):
    form_class = ConfirmForm
    template_name = "accounts/confirm.html"
    success_message = _("You have an account now. You can sign in.")

    def get_initial(self):
        try:
            registration = links.registration_for(self.kwargs["token"])
        except LinkInvalid:  # said when the form is sent
            return {}
        return {"name": registration.name}

    def perform(self, form):
        return operations.verify_email(self.kwargs["token"], **form.cleaned_data)


class ChoosePassword(ByMail):
    form_class = NewPasswordForm
    template_name = "accounts/password.html"
    success_message = _("You have a new password. You can sign in with it.")

    def perform(self, form):
        new = form.cleaned_data["new_password"]
        return operations.reset_password(self.kwargs["token"], new=new)


def locked_out(request, response, credentials):
    """What axes answers after too many wrong passwords, on every way to sign in.

    Trying again too early starts the wait anew, so that it is always this long. The
    API has said so in its own way already.
    """
    if is_api(request):
        return response
    about = {"retry_minutes": ceil(lockout_seconds() / 60)}
    return render(request, "accounts/locked_out.html", about, status=429)


def lockout_seconds():
    return int(get_cool_off().total_seconds())


def lockout_name(request, credentials):
    """By what axes counts wrong passwords: one account, however it is written."""
    name = (credentials or request.POST).get("username")
    return User.objects.normalize_email(name)
