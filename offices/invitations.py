"""Inviting people by mail to work at an office: operations, like those of .operations.

Whoever invites learns nothing about who has an account: what happens is the same
either way, until the person who reads the mail accepts.
"""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import links
from accounts.exceptions import LinkInvalid
from accounts.models import User
from accounts.operations import (
    check_domain,
    drop_invitation,
    open_account,
    owe_invitation,
)
from offices.exceptions import (
    AccountClosed,
    AlreadyInvited,
    AlreadyMember,
    InvitationExpired,
    InvitationForAnother,
    InvitationReplaced,
    InvitationUsed,
    InvitationWithdrawn,
)
from offices.models import Invitation, Office
from offices.operations import add_member
from offices.permissions import require
from offices.roles import Permission

LIFETIME = timedelta(days=7)


@transaction.atomic
def invite(office, *, email, name, role, position="", by):
    """Owe a mail that invites somebody to an office in a role, for a week.

    Raises PermissionDenied, ValidationError for an address that gets no account,
    AlreadyMember, AlreadyInvited.
    """
    require(by, Permission.MANAGE_MEMBERS, office)
    email = User.objects.normalize_email(email)
    check_domain(email)
    _lock(office)
    if office.memberships.current().filter(user__email=email, role=role).exists():
        raise AlreadyMember
    for earlier in office.invitations.open().filter(email=email):
        if not earlier.is_expired:
            raise AlreadyInvited
        _end(earlier)
    invitation = Invitation(
        office=office,
        email=email,
        name=name,
        role=role,
        position=position,
        invited_by=by,
        expires_at=timezone.now() + LIFETIME,
    )
    invitation.full_clean()
    invitation.save()
    _owe(invitation)
    return invitation


@transaction.atomic
def resend(invitation, *, by):
    """Send it anew, good for another week; the links of earlier mails are void.

    Raises PermissionDenied, InvitationUsed, InvitationWithdrawn.
    """
    require(by, Permission.MANAGE_MEMBERS, invitation.office)
    invitation = _locked(invitation)
    _check_open(invitation)
    drop_invitation(invitation.reference)
    invitation.invited_by = by
    invitation.sending += 1
    invitation.expires_at = timezone.now() + LIFETIME
    invitation.save(update_fields=["invited_by", "sending", "expires_at"])
    _owe(invitation)
    return invitation


@transaction.atomic
def withdraw(invitation, *, by):
    """Make its link void. Raises PermissionDenied, InvitationUsed, and
    InvitationWithdrawn for one that is.
    """
    require(by, Permission.MANAGE_MEMBERS, invitation.office)
    invitation = _locked(invitation)
    _check_open(invitation)
    return _end(invitation)


def look_up(token):
    """The invitation of a link that can be accepted now; changes nothing.

    Raises LinkInvalid, InvitationUsed, InvitationWithdrawn, InvitationReplaced,
    InvitationExpired.
    """
    invitation = _find(token)
    _check(invitation, token)
    return invitation


def account_of(invitation):
    """Whose account it concerns; None when it would be a new one.

    Raises AccountClosed. Only for who has opened the link.
    """
    user = User.objects.filter(email=invitation.email).first()
    if user is not None and not user.is_active:
        raise AccountClosed
    return user


@transaction.atomic
def accept(token, *, user=None, name="", password=""):
    """Take up the role: as `user`, who is signed in, or with a new account.

    The membership is given by who has invited, if that person still may. Raises what
    look_up does, InvitationForAnother, AccountClosed, AlreadyMember, and
    ValidationError for a weak password.
    """
    invitation = _find(token)
    _lock(invitation.office)
    invitation = _locked(invitation)
    _check(invitation, token)
    if user is None and account_of(invitation) is not None:
        raise InvitationForAnother  # its owner has to sign in
    if user is None:
        new_name = name or invitation.name
        user = open_account(invitation.email, name=new_name, password=password)
    elif user.email != invitation.email:
        raise InvitationForAnother
    try:
        membership = add_member(
            user,
            invitation.office,
            invitation.role,
            by=invitation.invited_by,
            position=invitation.position,
        )
    except PermissionDenied as error:
        raise InvitationWithdrawn from error
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    return membership


def _find(token):
    """Raises LinkInvalid."""
    number, _, _sending = links.invitation_for(token).partition("-")
    rows = Invitation.objects.select_related("office", "invited_by")
    invitation = rows.filter(pk=number).first()
    if invitation is None:
        raise LinkInvalid
    return invitation


def _check_open(invitation):
    if invitation.accepted_at:
        raise InvitationUsed
    if invitation.withdrawn_at:
        raise InvitationWithdrawn


def _check(invitation, token):
    """Raise the refusal that stands against taking it up by this link, if any."""
    _check_open(invitation)
    if invitation.reference != links.invitation_for(token):
        raise InvitationReplaced
    if invitation.is_expired:
        raise InvitationExpired


def _locked(invitation):
    """The row as it is now, for us alone."""
    rows = Invitation.objects.select_for_update(of=["self"])
    return rows.select_related("office", "invited_by").get(pk=invitation.pk)


def _lock(office):
    """Let one invitation of an office be made or accepted at a time."""
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)


def _end(invitation):
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    drop_invitation(invitation.reference)
    return invitation


def _owe(invitation):
    by = invitation.invited_by
    owe_invitation(
        invitation.email,
        reference=invitation.reference,
        office=invitation.office.name,
        role=invitation.get_role_display(),
        invited_by=by.name if by else invitation.office.name,
    )
