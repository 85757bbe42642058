"""The people of an office, in the admin: who works there, as what, and who is invited.

For those who manage the office's members. Registered in appointments.admin.people,
which knows what a host has booked.
"""

from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_ratelimit.decorators import ratelimit

from accounts import operations as accounts
from offices import invitations, operations
from offices.models import Invitation, Membership
from offices.roles import PERMISSIONS, Permission, Role, may_words
from offices.staff import OfficePage

FORMER_SHOWN = 50


class InviteForm(forms.ModelForm):
    class Meta:
        model = Invitation
        fields = ["email", "name", "role", "position"]
        help_texts = {
            "email": _("The mail with the link goes here."),
            "position": _("Like “Head of the front desk”; may stay empty."),
        }


class MemberForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ["role", "position", "is_primary"]
        help_texts = {"is_primary": _("An office has one. This person replaces it.")}

    def validate_constraints(self):
        """The operation has a new primary contact replace the present one."""


class PeoplePage(OfficePage):
    permission = Permission.MANAGE_MEMBERS

    def back(self):
        return redirect(f"{reverse('admin:people')}?office={self.office.slug}")


class People(PeoplePage):
    """Who works at the office now, who is invited, and who did work there."""

    title = _("People")
    template_name = "admin/people/list.html"

    def get_context_data(self, **kwargs):
        members = self.office.memberships.select_related("user")
        current = members.current().order_by("user__name", "user_id", "role")
        former = members.exclude(ended_at=None).order_by("-ended_at", "pk")
        hosts = self.office.hosts.filter(user__isnull=False)
        host_of = {host.user_id: host for host in hosts}
        return super().get_context_data(
            members=[(member, host_of.get(member.user_id)) for member in current],
            former=former[:FORMER_SHOWN],
            invitations=self.office.invitations.open().select_related("invited_by"),
            **kwargs,
        )


class Roles(PeoplePage):
    """What each role may, as a table in words."""

    title = _("What each role may do")
    template_name = "admin/people/roles.html"

    def get_context_data(self, **kwargs):
        rows = [
            (may.label, [(role, may in PERMISSIONS[role]) for role in Role])
            for may in Permission
        ]
        return super().get_context_data(roles=Role, rows=rows, **kwargs)


class FormPage(PeoplePage):
    """A page with one form, shown again with what was refused (422)."""

    form_class = None

    def get_form(self, data=None):
        return self.form_class(data)

    def post(self, request, **kwargs):
        form = self.get_form(request.POST)
        if form.is_valid() and self.perform(form):
            return self.back()
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"form": self.get_form(), **kwargs})


@method_decorator(ratelimit(key="user", rate=settings.INVITATION_RATE), name="post")
class Invite(FormPage):
    title = _("Invite somebody")
    template_name = "admin/people/invite.html"
    form_class = InviteForm

    def perform(self, form):
        about = form.cleaned_data
        done = _("Invited. A mail with a link goes to {}.").format(about["email"])
        return self.attempt(invitations.invite, self.office, done=done, **about)


class InvitationStep(PeoplePage):
    """A button beside an invitation: nothing to see, POST alone."""

    http_method_names = ["post"]
    operation = None
    done = ""

    def post(self, request, pk):
        mine = Invitation.objects.visible_to(request.user).select_related("office")
        invitation = get_object_or_404(mine, pk=pk)
        self.office = invitation.office
        self.attempt(self.operation, invitation, done=self.done)
        return self.back()


@method_decorator(ratelimit(key="user", rate=settings.INVITATION_RATE), name="post")
class Resend(InvitationStep):
    operation = staticmethod(invitations.resend)
    done = _("Sent again. The link of the earlier mail no longer works.")


class Withdraw(InvitationStep):
    operation = staticmethod(invitations.withdraw)
    done = _("Withdrawn. Its link no longer works.")


class MemberPage(FormPage):
    """About one membership of an office whose members the person manages."""

    @cached_property
    def member(self):
        mine = Membership.objects.filter(office__in=self.offices)
        return get_object_or_404(
            mine.select_related("user", "office"), pk=self.kwargs["pk"]
        )

    @cached_property
    def office(self):
        return self.member.office

    @cached_property
    def hosts(self):
        """As whom the person is booked at this office; one at most."""
        return list(self.office.hosts.filter(user=self.member.user))

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            member=self.member,
            hosts=self.hosts,
            may=may_words(self.member.role),
            **kwargs,
        )


class Member(MemberPage):
    """What a member is here; changed on the spot."""

    template_name = "admin/people/member.html"
    form_class = MemberForm

    @property
    def title(self):
        return self.member.user.name or self.member.user.email

    def get_form(self, data=None):
        member = Membership.objects.get(pk=self.member.pk)  # a form writes on it
        return MemberForm(data, instance=member)

    def perform(self, form):
        change = operations.change_membership
        return self.attempt(change, self.member, done=_("Saved."), **form.cleaned_data)

    def get_context_data(self, **kwargs):
        history = reverse("admin:offices_membership_history", args=[self.member.pk])
        return super().get_context_data(history=history, **kwargs)


class CloseAccount(MemberPage):
    """For admins alone: nobody signs in to this account any more, anywhere."""

    title = _("Close the account")
    template_name = "admin/people/close_account.html"
    form_class = forms.Form

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_superuser:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def perform(self, form):
        done = _("Closed; signed out everywhere.")
        return self.attempt(accounts.deactivate, self.member.user, done=done)
