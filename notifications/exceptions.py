"""What can be refused about messages, each with a code and a sentence."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import DomainError


class NotFailed(DomainError):
    code = "not_failed"
    message = _("Only a message that has failed can be sent again.")


class NoLongerHolds(DomainError):
    code = "no_longer_holds"
    message = _("What this message says no longer holds.")


class StillOnItsWay(DomainError):
    code = "still_on_its_way"
    message = _("This delivery is still on its way. It is tried again by itself.")


class WebhookOff(DomainError):
    code = "webhook_off"
    message = _("This webhook is switched off. Switch it on first.")


class AlreadyLifted(DomainError):
    code = "already_lifted"
    message = _("This address takes messages again already.")


class TooManyWebhooks(DomainError):
    code = "too_many_webhooks"
    message = _("This office has as many webhooks as one may have. Delete one first.")


class NoOwnAddress(DomainError):
    code = "no_own_address"
    message = _("Your account has no phone number that a test could go to.")


class TestNotSent(DomainError):
    code = "test_not_sent"
    message = _("The test was not sent.")
    __test__ = False  # pytest looks for classes of such a name


class NothingToTell(DomainError):
    code = "nothing_to_tell"
    message = _("Somebody has told this person meanwhile, or a message arrived.")
