"""Keeping programs that fill in every form they find out of ours.

Nobody is asked for a puzzle, no script has to run and no other company is asked. A
field that people neither see nor reach stays empty, and between the page and its
answer lies at least the time that somebody needs to press a button. Who is refused
wrongly sends the form once more.
"""

import structlog
from django import forms
from django.conf import settings
from django.core import signing
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from config import metrics

SALT = "config.bots"
TRAPPED = _("Leave the field “Leave this empty” empty, then send the form again.")

logger = structlog.get_logger(__name__)


class Trap(forms.TextInput):
    """A field off the screen, out of the tab order and unknown to screen readers.

    It has its label in itself, and is always empty when it is shown.
    """

    is_hidden = True  # from the lists of fields that people see

    def render(self, name, value, attrs=None, renderer=None):
        about = {**(attrs or {}), "autocomplete": "off", "tabindex": "-1"}
        return format_html(
            '<div class="visually-hidden" aria-hidden="true">'
            '<label for="{}">{}</label>{}</div>',
            about.get("id", ""),
            _("Leave this empty"),
            super().render(name, None, about, renderer),
        )


def stamp():
    """A signed text that says when a form was shown."""
    return signing.TimestampSigner(salt=SALT).sign("shown")


class GuardedForm(forms.Form):
    """A form for strangers. Its template shows components/guard.html."""

    leave_empty = forms.CharField(required=False, widget=Trap)
    shown_at = forms.CharField(
        required=False, widget=forms.HiddenInput, initial=stamp, max_length=100
    )

    def clean(self):
        cleaned_data = super().clean()
        if self.cleaned_data.get("leave_empty"):
            self._refuse("trap", TRAPPED)
        if "shown_at" in self.fields and settings.FORM_FILL_SECONDS:
            self._check_time()
        return cleaned_data

    def _check_time(self):
        """Raise ValidationError for what came at once; the next try may pass."""
        shown_at = self.cleaned_data.get("shown_at") or ""
        signer = signing.TimestampSigner(salt=SALT)
        try:
            signer.unsign(shown_at)
        except signing.BadSignature:
            self.data = self.data.copy()
            self.data[self.add_prefix("shown_at")] = stamp()
            self._refuse("stamp", _("Please send the form once more."))
        try:
            signer.unsign(shown_at, max_age=settings.FORM_FILL_SECONDS)
        except signing.SignatureExpired:
            return
        self._refuse("speed", _("That was very fast. Please send the form once more."))

    def _refuse(self, why, sentence):
        metrics.BOT_REFUSALS.labels(why).inc()
        logger.warning("bot_refused", form=type(self).__name__, why=why)
        raise forms.ValidationError(sentence, code="bot")
