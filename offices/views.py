"""The page that the mail of an invitation leads to. Opening it changes nothing."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django_ratelimit.decorators import ratelimit

from accounts.views import NewPasswordForm, name_field
from config.exceptions import DomainError
from config.views import OperationView
from offices import invitations
from offices.roles import may_words

BACKEND = "django.contrib.auth.backends.ModelBackend"  # whoever reads mail there


class NewAccountForm(NewPasswordForm):
    name = name_field()

    field_order = ["name", "new_password"]


@method_decorator(ratelimit(key="ip", rate=settings.RATE_LIMIT), name="post")
class AcceptInvitation(OperationView):
    """Takes up a role: by a button for who is signed in, by a password for who is new.

    Somebody who has an account is asked to sign in first, and comes back here.
    """

    template_name = "accounts/invitation.html"
    success_url = reverse_lazy("admin:index")

    def dispatch(self, request, *args, **kwargs):
        try:
            self.invitation = invitations.look_up(kwargs["token"])
            self.account = invitations.account_of(self.invitation)
        except DomainError as refusal:
            context = {"refusal": refusal}
            return render(request, "accounts/invitation_over.html", context, status=409)
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_theirs(self):
        return self.account is not None and self.account == self.request.user

    def get_form_class(self):
        return NewAccountForm if self.account is None else forms.Form

    def get_initial(self):
        return {"name": self.invitation.name}

    def get_context_data(self, **kwargs):
        return {
            "invitation": self.invitation,
            "may": may_words(self.invitation.role),
            "is_new": self.account is None,
            "is_theirs": self.is_theirs,
            **super().get_context_data(**kwargs),
        }

    def perform(self, form):
        token = self.kwargs["token"]
        if self.request.user.is_authenticated:
            membership = invitations.accept(token, user=self.request.user)
        else:
            given = form.cleaned_data
            membership = invitations.accept(
                token,
                name=given.get("name", ""),
                password=given.get("new_password", ""),
            )
            login(self.request, membership.user, backend=BACKEND)
        text = _("Welcome. You work with {} now.").format(membership.office)
        messages.success(self.request, text)
        return membership
