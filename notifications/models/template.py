from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications import languages, sandbox
from notifications.querysets import MessageTemplateQuerySet
from notifications.states import Channel, Kind
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

    def clean(self):
        """Refuse what could not be rendered, by field, saying where and why."""
        errors = {}
        is_mail = self.channel == Channel.MAIL
        if is_mail and not self.subject:
            errors["subject"] = _("A mail needs a subject.")
        for name in ("subject", "body") if is_mail and self.subject else ("body",):
            try:
                sandbox.check(getattr(self, name))
            except sandbox.BrokenTemplate as error:
                errors[name] = str(error)
        if errors:
            raise ValidationError(errors)

    def render(self, facts, public):
        """Subject and words. Raises sandbox.BrokenTemplate.

        `public` are the facts for what lies open: the subject, and a text message.
        """
        subject = " ".join(sandbox.render(self.subject, public).split())
        shown = public if self.channel == Channel.SMS else facts
        return subject, sandbox.render(self.body, shown).strip()
