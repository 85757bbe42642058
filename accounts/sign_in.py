"""Signing in on pages and in the admin: the password, then the code for who has one.

Between the two nobody is signed in: the session only knows whose password was right,
for ten minutes, and while that password stays.
"""

from http import HTTPStatus
from time import time

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import login, logout, views
from django.contrib.auth.forms import AuthenticationForm
from django.core.validators import MaxLengthValidator
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts import guessing, second_factor
from accounts.limits import few_times
from accounts.models import User
from config.views import OperationView

PENDING = "second_step"  # in the session, between the two steps
PASSED = "second_factor"  # in the session: the code has been asked for
GOOD_FOR = 600  # seconds
CODE_MISSING = _("Enter the code that your phone shows.")


class NamedFields:
    """Of Django's forms for signing in: what is missing is said by its name.

    And an address longer than any is refused: Django tells the browser alone.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, sentence in {
            "username": _("Enter your e-mail address."),
            "password": _("Enter your password."),
        }.items():
            self.fields[name].error_messages["required"] = sentence
        username = self.fields["username"]
        username.validators.append(MaxLengthValidator(username.max_length))


class SignInForm(NamedFields, AuthenticationForm):
    """For everybody with an account."""


class StaffSignInForm(NamedFields, AdminAuthenticationForm):
    """For staff alone."""


class TwoSteps(views.LoginView):
    """Django's sign-in, which ends with a code for who has a second factor."""

    def form_valid(self, form):
        user = form.get_user()
        if second_factor.of(user) is None:
            return guessing.remember(super().form_valid(form), self.request, user)
        self.request.session[PENDING] = {
            "user": user.pk,
            "proof": user.get_session_auth_hash(),
            "backend": user.backend,
            "next": self.get_redirect_url() or landing(user),
            "at": int(time()),
        }
        return redirect("accounts:second-step")


@few_times("sign-in")
class Login(TwoSteps):
    template_name = "accounts/login.html"
    authentication_form = SignInForm
    extra_context = {"site_name": settings.SITE_NAME}  # Django would say the host

    def dispatch(self, request, *args, **kwargs):
        """Who is signed in already finds the account here; every page links to it."""
        if request.user.is_authenticated:
            return redirect(self.get_redirect_url() or "accounts:account")
        return super().dispatch(request, *args, **kwargs)

    def get_default_redirect_url(self):
        return landing(self.request.user)


@few_times("sign-in")
class AdminLogin(TwoSteps):
    """The admin's own form, for staff alone."""

    template_name = "admin/login.html"
    authentication_form = StaffSignInForm

    @classmethod
    def with_context(cls, request, context):
        return cls.as_view(extra_context=context)(request)

    def get_default_redirect_url(self):
        return resolve_url("admin:index")


def landing(user):
    """Where somebody begins who wanted nothing in particular: staff in the admin."""
    return resolve_url("admin:index" if user.is_staff else settings.LOGIN_REDIRECT_URL)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("The six digits that your phone shows now, or a recovery code."),
        error_messages={"required": CODE_MISSING},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )


@few_times("second-step")
@method_decorator(never_cache, name="dispatch")
class SecondStep(OperationView):
    """The code, after the password was right."""

    form_class = CodeForm
    template_name = "accounts/second_step.html"
    user = None

    def dispatch(self, request, *args, **kwargs):
        self.user = whose_turn(request.session)
        if self.user is None:
            messages.info(request, _("Please sign in."))
            return redirect("accounts:login")
        return super().dispatch(request, *args, **kwargs)

    def perform(self, form):
        second_factor.prove(self.user, form.cleaned_data["code"])
        pending = self.request.session.pop(PENDING)
        login(self.request, self.user, backend=pending["backend"])
        self.request.session[PASSED] = True
        self.success_url = pending["next"]

    def form_valid(self, form):
        response = super().form_valid(form)
        if response.status_code == HTTPStatus.FOUND:
            guessing.remember(response, self.request, self.user)
        return response


def whose_turn(session):
    """Whose password was right just now; None where it is too long ago."""
    pending = session.get(PENDING)
    if pending is None or pending["at"] < time() - GOOD_FOR:
        return None
    user = User.objects.active().filter(pk=pending["user"]).first()
    if user is None:
        return None
    same = constant_time_compare(user.get_session_auth_hash(), pending["proof"])
    return user if same else None


def is_held_up(request):
    """Whether somebody signed in must set a second factor up before anything else."""
    if not settings.TOTP_REQUIRED_ROLES or not request.user.is_authenticated:
        return False
    return not request.session.get(PASSED) and second_factor.is_required(request.user)


def first_set_it_up(request):
    """Where to send who comes to the staff's pages without what the role needs."""
    if not is_held_up(request):
        return None
    if second_factor.of(request.user) is None:
        text = _("Your role needs a second step at the sign-in. Please set it up now.")
        messages.warning(request, text)
        return HttpResponseRedirect(reverse("accounts:second-factor"))
    logout(request)  # signed in on a way that has not asked for the code
    return HttpResponseRedirect(reverse("accounts:login"))
