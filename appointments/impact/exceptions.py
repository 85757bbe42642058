"""What can be refused about a change of hours and whom it hurts."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import DomainError


class ChangeStale(DomainError):
    code = "change_stale"
    message = _(
        "This page is more than an hour old, or what it would change has changed. "
        "Nothing has been saved. Please make the change again."
    )


class Undecided(DomainError):
    code = "undecided"
    message = _(
        "More appointments would lose their hours than when you looked. Nothing has "
        "been saved. Decide about these, too."
    )


class DecisionRefused(DomainError):
    """One decision cannot be carried out, so none was."""

    code = "decision_refused"
    message = _("One of the decisions cannot be carried out. Nothing has been saved.")

    def __init__(self, appointment, refusal):
        super().__init__(
            _("%(reference)s, %(name)s: %(refusal)s Nothing has been saved.")
            % {
                "reference": appointment.reference,
                "name": appointment.citizen,
                "refusal": refusal,
            }
        )
