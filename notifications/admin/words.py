"""An office's own words: which messages have them, and the page to write them on."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django_ratelimit.core import is_ratelimited

from notifications import defaults, policies, trial, versions, wording
from notifications.admin.frame import MessagesPage
from notifications.models import MessageTemplate
from notifications.sandbox import CONDITIONS, FILTERS, BrokenTemplate
from notifications.states import CHOICES, Audience, Channel, Kind
from offices.queries import changes
from offices.times import office_when

TESTS_AN_HOUR = "10/h"
SALT = "notifications.preview"
PREVIEWED = 3600  # seconds for which a link to a preview leads there

# A mail brings its own styles; it may run nothing, load nothing, send nothing and be
# framed by our own pages alone, which may frame nothing else.
MAIL_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "frame-ancestors": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "sandbox": ["allow-popups"],
}
PAGE_CSP = {**settings.SECURE_CSP, "frame-src": [CSP.SELF]}


def place_of(template):
    """The address of a place for words, as the arguments of its page."""
    return [template.kind, template.channel, template.language]


class WordsForm(forms.ModelForm):
    class Meta:
        model = MessageTemplate
        fields = ["subject", "body"]
        widgets = {
            "subject": forms.TextInput(attrs={"maxlength": 200}),
            "body": forms.Textarea(attrs={"rows": 12}),
        }
        help_texts = {"subject": ""}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        if self.instance.is_sms:
            del self.fields["subject"]
            self.fields["body"].help_text = _("It goes out as one line.")

    def clean_body(self):
        return self.cleaned_data["body"].replace("\r\n", "\n")


class Words(MessagesPage):
    """Every message to citizens in every language: standard words, or the office's."""

    title = _("Words of messages")
    template_name = "admin/messages/words.html"
    tab = "message_words"

    def get_context_data(self, **kwargs):
        rows = MessageTemplate.objects.filter(office=self.office)
        own = {(row.kind, row.channel, row.language): row for row in rows}
        return super().get_context_data(
            languages=[name for _code, name in settings.LANGUAGES],
            channels=[self.table(channel, own) for channel in Channel],
            broken=[self.broken(row) for row in own.values() if row.broken_since],
            **kwargs,
        )

    @cached_property
    def sent(self):
        return policies.chosen(self.office)

    @cached_property
    def last_changes(self):
        return versions.last_changes(self.office)

    def table(self, channel, own):
        """The rows of one channel: [(kind, whether it is sent, cells)]."""
        kinds = [kind for kind in Kind if (kind, Audience.CITIZEN, channel) in CHOICES]
        return {
            "channel": channel,
            "rows": [
                {
                    "kind": kind,
                    "is_sent": (kind, Audience.CITIZEN, channel) in self.sent,
                    "cells": [
                        self.cell(kind, channel, *language, own)
                        for language in settings.LANGUAGES
                    ],
                }
                for kind in kinds
            ],
        }

    def cell(self, kind, channel, code, language, own):
        row = own.get((kind, channel, code))
        change = row and self.last_changes.get(row.pk)
        return {
            "language": language,
            "url": self.address("message_edit", args=[kind, channel, code]),
            "own": row,
            "since": row and office_when(row.updated_at, self.office),
            "by": change and changes.who(change),
        }

    def broken(self, row):
        return {
            "row": row,
            "url": self.address("message_edit", args=place_of(row)),
            "since": office_when(row.broken_since, self.office),
        }


class PlacePage(MessagesPage):
    """About the words of one kind, channel and language; others do not exist (404)."""

    tab = "message_words"

    def dispatch(self, request, *args, **kwargs):
        kind, channel, code = (kwargs[n] for n in ("kind", "channel", "language"))
        known = code in dict(settings.LANGUAGES)
        if not known or (kind, Audience.CITIZEN, channel) not in CHOICES:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def place(self):
        return {name: self.kwargs[name] for name in ("kind", "channel", "language")} | {
            "office": self.office
        }

    def template(self):
        """The office's own words, or new ones that begin with the standard words."""
        saved = MessageTemplate.objects.filter(**self.place()).first()
        if saved:
            saved.office = self.office
            return saved
        subject, body = defaults.source(**self._named())
        return MessageTemplate(**self.place(), subject=subject, body=body)

    def _named(self):
        return {name: self.kwargs[name] for name in ("kind", "channel", "language")}


@method_decorator(csp_override(PAGE_CSP), name="dispatch")
class Edit(PlacePage):
    """Write, look at, try and keep them; each button is one of these."""

    template_name = "admin/messages/edit.html"

    @property
    def title(self):
        return _("%(kind)s: %(channel)s, %(language)s") % {
            "kind": Kind(self.kwargs["kind"]).label,
            "channel": Channel(self.kwargs["channel"]).label,
            "language": dict(settings.LANGUAGES)[self.kwargs["language"]],
        }

    @cached_property
    def form(self):
        if self.request.method == "POST":
            return WordsForm(self.request.POST, instance=self.template())
        words = self.template()
        if self.again:
            words.subject, words.body = self.again.subject, self.again.body
        return WordsForm(instance=words)

    @cached_property
    def again(self):
        """The earlier version that is asked for, to be used again; None for none."""
        asked = self.request.GET.get("version", "")
        if not asked:
            return None
        found = asked.isdecimal() and versions.version(self.template(), int(asked))
        if not found:
            raise Http404
        return found

    def post(self, request, *args, **kwargs):
        if "standard" in request.POST:
            return self.back_to_standard()
        if not self.form.is_valid():
            return self.show(422)
        if "test" in request.POST:
            self.send_test()
        elif "save" in request.POST:
            done = _("Saved. Messages say this from now on.")
            if self.attempt(wording.save, self.form.instance, done=done):
                return HttpResponseRedirect(self.here())
            return self.show(422)
        return self.show(200)

    def here(self):
        return self.address("message_edit", args=list(self._named().values()))

    def show(self, status):
        return self.render_to_response(self.get_context_data(), status=status)

    def back_to_standard(self):
        saved = MessageTemplate.objects.filter(**self.place()).first()
        if saved:
            done = _("Messages say the standard words again.")
            self.attempt(wording.delete, saved, done=done)
        return HttpResponseRedirect(self.here())

    def send_test(self):
        about = {"group": "message_test", "key": "user", "rate": TESTS_AN_HOUR}
        if is_ratelimited(self.request, increment=True, **about):
            messages.error(
                self.request, _("These were many tests. Please wait for an hour.")
            )
            return
        done = _("The test is on its way to you.")
        self.attempt(trial.send_test, self.form.instance, done=done)

    def get_context_data(self, **kwargs):
        words, stored = self.form.instance, self.template()
        return super().get_context_data(
            form=self.form,
            words=words,
            stored=stored,
            since=stored.pk and office_when(stored.updated_at, self.office),
            broken_since=stored.broken_since
            and office_when(stored.broken_since, self.office),
            again=self.again and changes.when(self.again.change),
            variables=trial.variables(words),
            conditions=list(CONDITIONS),
            filters=FILTERS,
            preview=self.preview(words),
            may_test=words.channel == Channel.MAIL or bool(self.request.user.phone),
            versions=[self.version(each) for each in versions.versions(stored)],
            here=self.here(),
            overview=self.address("message_words"),
            **kwargs,
        )

    def preview(self, words):
        """What the page shows of the sample; None for words that do not work."""
        if self.form.is_bound and not self.form.is_valid():
            return None
        try:
            shown = trial.preview(words)
        except BrokenTemplate as error:
            return {"error": str(error)}
        link = signing.dumps([words.subject, words.body], salt=SALT, compress=True)
        place = list(self._named().values())
        return {
            **shown._asdict(),
            "html_url": self.address("message_mail", args=place, words=link),
        }

    def version(self, version):
        return {
            "version": version,
            "when": changes.when(version.change),
            "who": changes.who(version.change),
            "url": f"{self.here()}&version={version.pk}",
        }


@method_decorator([xframe_options_sameorigin, csp_override(MAIL_CSP)], name="dispatch")
class MailPreview(PlacePage):
    """The HTML of a mail alone, as a mail program shows it, to be framed by Edit.

    Its words are in the address, signed, so that nothing has to be kept.
    """

    def get(self, request, *args, **kwargs):
        signed = request.GET.get("words", "")
        try:
            subject, body = signing.loads(signed, salt=SALT, max_age=PREVIEWED)
            words = MessageTemplate(**self.place(), subject=subject, body=body)
            html = trial.preview(words).letter.html
        except (signing.BadSignature, BrokenTemplate) as error:
            raise Http404 from error
        return HttpResponse(in_theme(html, is_dark="dark" in request.GET))


def in_theme(html, *, is_dark):
    """A mail as it is by day or by night, whatever this browser is set to."""
    theme, media = ("dark", "all") if is_dark else ("light", "not all")
    html = html.replace("(prefers-color-scheme: dark)", media)
    return html.replace("light dark", theme)
