"""What can be refused about offices and their people."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import DomainError


class AlreadyMember(DomainError):
    code = "already_member"
    message = _("This person already has this role at this office.")


class MembershipEnded(DomainError):
    code = "membership_ended"
    message = _("This membership has already ended.")


class LastManager(DomainError):
    code = "last_manager"
    message = _(
        "This is the office's last manager. Give somebody else that role first."
    )


class KeyRevoked(DomainError):
    code = "api_key_revoked"
    message = _("This API key has been revoked already.")


class AlreadyInvited(DomainError):
    code = "already_invited"
    message = _(
        "There is an invitation for this address already. "
        "Send it again, or withdraw it."
    )


class InvitationUsed(DomainError):
    code = "invitation_used"
    message = _("This invitation has been accepted already. Sign in to begin.")


class InvitationWithdrawn(DomainError):
    code = "invitation_withdrawn"
    message = _("This invitation has been withdrawn.")


class InvitationExpired(DomainError):
    code = "invitation_expired"
    message = _("This invitation has expired. Ask the office for a new one.")


class InvitationReplaced(DomainError):
    code = "invitation_replaced"
    message = _(
        "This invitation has been sent again since. Use the link in the newest mail."
    )


class InvitationForAnother(DomainError):
    code = "invitation_for_another"
    message = _(
        "This invitation is for another e-mail address. Sign out, then open it again."
    )


class AccountClosed(DomainError):
    code = "account_closed"
    message = _("Your account has been closed. Ask the office.")
