"""What can be refused about accounts, each with a code and a sentence."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import DomainError


class LinkInvalid(DomainError):
    code = "link_invalid"
    message = _("This link is no longer valid. Please ask for a new one.")


class OwnAccount(DomainError):
    code = "own_account"
    message = _("You cannot close your own account. Ask another admin.")
