from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications import languages, sandbox
from notifications.querysets import MessageTemplateQuerySet
from notifications.sms.segments import MOST_SEGMENTS, length, plainest
from notifications.states import CHOICES, Audience, Channel, Kind
from offices.models import Office


class MessageTemplate(models.Model):
    """How an office puts one kind of message, in one language, in its own words.

    Without one, the files under templates/messages/ are used. What every message
    must have, the date, the place and the links, follows the words all the same.
    """

    office = models.ForeignKey(
        Office,
        models.CASCADE,
        related_name="message_templates",
        db_index=False,  # messagetemplate_once_per_office has it in front
        verbose_name=_("office"),
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    channel = models.CharField(
        _("channel"), max_length=8, choices=Channel, default=Channel.MAIL
    )
    language = models.CharField(_("language"), max_length=12, choices=languages.choices)
    subject = models.CharField(
        _("subject"), max_length=200, blank=True, help_text=_("Of a mail.")
    )
    body = models.TextField(
        _("words"),
        max_length=5000,
        help_text=_(
            "Plain text. An empty line begins a paragraph; the first one stands as "
            "a heading. Date, place and links follow by themselves."
        ),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)
    broken_since = models.DateTimeField(
        _("does not work since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("From then on messages went out in the standard words instead."),
    )
    broken_because = models.TextField(
        _("because"), blank=True, editable=False, default="", db_default=""
    )

    objects = MessageTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["office", "kind", "language"]
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        constraints = [
            models.UniqueConstraint(
                name="messagetemplate_once_per_office",
                fields=["office", "kind", "channel", "language"],
                violation_error_message=_(
                    "This office already has its own words for this."
                ),
            ),
            models.CheckConstraint(
                name="messagetemplate_kind_known", condition=Q(kind__in=Kind.values)
            ),
            models.CheckConstraint(
                name="messagetemplate_channel_known",
                condition=Q(channel__in=Channel.values),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.get_language_display()}"

    @property
    def is_sms(self):
        return self.channel == Channel.SMS

    def clean(self):
        """Refuse what could not be rendered, by field, saying where and why."""
        errors = {}
        if (self.kind, Audience.CITIZEN, self.channel) not in CHOICES:
            errors["kind"] = _("Citizens are not told this by this channel.")
        if not self.is_sms and not self.subject:
            errors["subject"] = _("A mail needs a subject.")
        for name in ("body",) if self.is_sms or not self.subject else FIELDS:
            try:
                sandbox.check(getattr(self, name))
            except sandbox.BrokenTemplate as error:
                errors[name] = str(error)
        if not errors and self.is_sms:
            try:
                self.render(sandbox.VARIABLES, sandbox.VARIABLES)
            except sandbox.BrokenTemplate as error:
                errors["body"] = str(error)
        if errors:
            raise ValidationError(errors)

    def render(self, facts, public):
        """Subject and words. Raises sandbox.BrokenTemplate, also for words that are
        empty or longer than a text message can be.

        `public` are the facts for what lies open: the subject, and a text message.
        """
        if self.is_sms:
            words = " ".join(sandbox.render(self.body, public).split())
            return "", _sendable(words)
        subject = " ".join(sandbox.render(self.subject, public).split())
        words = sandbox.render(self.body, facts).strip()
        if not (subject and words):
            raise sandbox.BrokenTemplate(_("This says nothing."))
        return subject, words


FIELDS = ("subject", "body")


def _sendable(words):
    if not words:
        raise sandbox.BrokenTemplate(_("This says nothing."))
    parts = length(plainest(words)).segments
    if parts > MOST_SEGMENTS:
        raise sandbox.BrokenTemplate(
            _("This is {parts} text messages long; {most} are the most.").format(
                parts=parts, most=MOST_SEGMENTS
            )
        )
    return words
