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
