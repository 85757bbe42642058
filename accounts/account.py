"""One's own account: password, second factor, and where one is signed in."""

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from accounts import codes, operations, second_factor, sessions
from accounts.limits import few_times
from accounts.models import SignIn
from accounts.sign_in import CODE_MISSING, PASSED
from accounts.views import NewPasswordForm
from config.views import OperationView

SEED = "second_factor_seed"  # in the session, while one is being set up
ACCOUNT = reverse_lazy("accounts:account")
ACCOUNT_PASSWORD = reverse_lazy("accounts:change-password")


@method_decorator(never_cache, name="dispatch")
class OwnPage(LoginRequiredMixin):
    """For who is signed in; kept by no cache."""


def password_field():
    return forms.CharField(
        label=_("Your present password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your present password.")},
    )


def code_field(*, missing=CODE_MISSING, **about):
    attrs = {"autocomplete": "one-time-code", "spellcheck": "false"}
    return forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs),
        error_messages={"required": missing},
        **about,
    )


class Account(OwnPage, TemplateView):
    template_name = "accounts/account.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        own = sessions.row_of(self.request)
        rows = SignIn.objects.filter(user=user).live().order_by("-last_seen_at")
        sign_ins = sorted(rows, key=lambda row: row.pk != own)
        return {
            **super().get_context_data(**kwargs),
            "factor": second_factor.of(user),
            "sign_ins": sign_ins,
            "own": own,
        }


class EndSignIn(OwnPage, View):
    """Sign out one browser or app of one's own; this one too."""

    def post(self, request, pk):
        sign_in = get_object_or_404(SignIn.objects.filter(user=request.user), pk=pk)
        operations.end_sign_in(sign_in, by=request.user)
        messages.success(request, _("It is signed out."))
        return redirect(ACCOUNT)


class EndOthers(OwnPage, View):
    def post(self, request):
        but = sessions.row_of(request)
        ended = sessions.end_all(request.user, by=request.user, but=but)
        text = ngettext("{} is signed out.", "{} are signed out.", ended)
        messages.success(request, text.format(ended))
        return redirect(ACCOUNT)


class ChangePasswordForm(NewPasswordForm):
    current_password = password_field()
    field_order = ["current_password", "new_password"]


@few_times("own-password")
class ChangePassword(OwnPage, OperationView):
    """A new password signs out everywhere; here as well."""

    form_class = ChangePasswordForm
    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("accounts:login")
    success_message = _("You have a new password. Please sign in with it.")

    def perform(self, form):
        current = form.cleaned_data["current_password"]
        new = form.cleaned_data["new_password"]
        user = self.request.user
        return operations.change_password(self.request, user, current=current, new=new)


class SetUpForm(forms.Form):
    """`is_change`: there is a phone already, which is to be replaced."""

    current = code_field(
        label=_("A code of the phone until now"),
        help_text=_("Or one of your recovery codes."),
        missing=_("Enter a code of the phone until now, or a recovery code."),
    )
    code = code_field(
        label=_("The code that your phone shows now"),
        help_text=_("Six digits; the next come every half minute."),
    )
    password = password_field()

    def __init__(self, *args, is_change, **kwargs):
        super().__init__(*args, **kwargs)
        if is_change:
            self.fields["code"].label = _("The code that the new phone shows now")
        else:
            del self.fields["current"]


class ProofForm(forms.Form):
    code = code_field(
        label=_("Code"),
        help_text=_("The six digits that your phone shows now, or a recovery code."),
    )
    password = password_field()


class SecondFactorPage(OwnPage, OperationView):
    """Ends with recovery codes on a page that is shown once."""

    template_of_codes = "accounts/recovery_codes.html"

    def form_valid(self, form):
        response = super().form_valid(form)
        if self.result is None:
            return response
        self.template_name = self.template_of_codes
        return self.render_to_response({"codes": self.result})


@few_times("second-factor")
class SetUp(SecondFactorPage):
    form_class = SetUpForm
    template_name = "accounts/second_factor.html"
    success_url = ACCOUNT

    def get_form_kwargs(self):
        is_change = second_factor.of(self.request.user) is not None
        return super().get_form_kwargs() | {"is_change": is_change}

    def seed(self):
        """Made when the page is first shown; kept until the phone has shown a code."""
        session = self.request.session
        if SEED not in session:
            session[SEED] = codes.new_seed()
        return session[SEED]

    def get_context_data(self, **kwargs):
        seed = self.seed()
        code = segno.make_qr(codes.address(seed, self.request.user.email), error="m")
        return super().get_context_data(
            secret=codes.as_text(seed),
            qr_code=code.svg_data_uri(scale=4, border=3, light="#fff"),
            is_required=second_factor.is_required(self.request.user),
            **kwargs,
        )

    def perform(self, form):
        given = form.cleaned_data
        request = self.request
        recovery = second_factor.turn_on(
            request, request.user, seed=self.seed(), **given
        )
        del request.session[SEED]
        request.session[PASSED] = True
        return recovery


@few_times("second-factor")
class NewRecoveryCodes(SecondFactorPage):
    form_class = ProofForm
    template_name = "accounts/new_recovery_codes.html"
    success_url = ACCOUNT

    def perform(self, form):
        user = self.request.user
        return second_factor.renew_recovery_codes(
            self.request, user, **form.cleaned_data
        )


@few_times("second-factor")
class TurnOff(OwnPage, OperationView):
    form_class = ProofForm
    template_name = "accounts/second_factor_off.html"
    success_url = ACCOUNT
    success_message = _("The second step is turned off.")

    def perform(self, form):
        second_factor.turn_off(self.request, self.request.user, **form.cleaned_data)
        self.request.session.pop(PASSED, None)
