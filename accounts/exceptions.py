"""What can be refused about accounts, each with a code and a sentence."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.exceptions import DomainError


class LinkInvalid(DomainError):
    code = "link_invalid"
    message = _("This link is no longer valid. Please ask for a new one.")


class AlreadyConfirmed(DomainError):
    code = "already_confirmed"
    message = _(
        "This address has been confirmed already. Sign in, or ask for a new password."
    )


class OwnAccount(DomainError):
    code = "own_account"
    message = _("You cannot close your own account. Ask another admin.")


class WrongCode(DomainError):
    code = "wrong_code"
    message = _(
        "This code is not right, or has been used already. Wait for the next one."
    )


class TooManyCodes(DomainError):
    """`minutes` says how long nobody may try, not even with the right code."""

    code = "too_many_codes"
    message = _("There were too many wrong codes. Wait, then try again.")

    def __init__(self, minutes=None):
        if minutes is None:
            super().__init__()
            return
        text = ngettext(
            "There were too many wrong codes. Try again in {} minute.",
            "There were too many wrong codes. Try again in {} minutes.",
            minutes,
        )
        super().__init__(text.format(minutes))


class SecondFactorRequired(DomainError):
    code = "second_factor_required"
    message = _("Enter the code that your phone shows, too.")
    not_set_up = _(
        "Your role needs a second step at the sign-in. Sign in on the web pages first, "
        "and set it up there."
    )


class SecondFactorNeeded(DomainError):
    code = "second_factor_needed"
    message = _(
        "Your role needs a second step at the sign-in, so it cannot be turned off. "
        "You can change to another phone."
    )


class OwnSecondFactor(DomainError):
    code = "own_second_factor"
    message = _(
        "You cannot take away your own second step here. Turn it off on the page of "
        "your account."
    )


class NoSecondFactor(DomainError):
    code = "no_second_factor"
    message = _("This account has no second step.")
