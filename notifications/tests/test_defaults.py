"""Every message that can be owed has its words in files, in every language."""

from functools import cache

import pytest
from django.conf import settings
from django.utils import translation

from notifications import defaults, texts
from notifications.models import MessageTemplate
from notifications.samples import sample
from notifications.sms.segments import length
from notifications.states import CHOICES, Audience, Channel, Kind
from offices.tests.factories import OfficeFactory

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# What can be chosen, and what is chosen with it.
ALL = CHOICES | {(Kind.REASSIGNED, Audience.FORMER, Channel.MAIL)}
OTHERS = [code for code in LANGUAGES if code != "en"]
OWN = sorted(
    (kind, channel)
    for kind, audience, channel in CHOICES
    if audience == Audience.CITIZEN
)


@cache
def letters(language):
    """{choice: Letter} of all that can be owed, in one language; written once."""
    office = OfficeFactory(name="Town hall", phone="040 123 456")
    return {
        (kind, audience, channel): texts.write(
            sample(office, kind, channel, language, audience=audience)
        )
        for kind, audience, channel in sorted(ALL)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_can_be_owed_has_words(language):
    written = letters(language)

    assert set(written) == ALL
    for (_kind, audience, channel), letter in written.items():
        is_mail = channel == Channel.MAIL
        assert bool(letter.subject) == is_mail
        assert bool(letter.html) == (is_mail and audience == Audience.CITIZEN)
        assert "{{" not in letter.text + letter.subject
        assert len(letter.text.split()) > 5


@pytest.mark.parametrize("language", OTHERS)
def test_all_words_are_translated(language):
    """No message opens, or is headed, in the words of English."""
    english, written = letters("en"), letters(language)

    same = {
        choice
        for choice, letter in written.items()
        if letter.subject == english[choice].subject != ""
        or letter.text.split("\n")[0] == english[choice].text.split("\n")[0]
    }

    assert same == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_message_is_long(language):
    """In parts, of which each costs; with a name and a link of a usual length."""
    parts = {
        length(letter.text).segments
        for (_kind, _audience, channel), letter in letters(language).items()
        if channel == Channel.SMS
    }

    assert max(parts) <= (4 if language == "ar" else 3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_own_words_begin_with_says_the_same(language):
    office = OfficeFactory(phone="040 123 456")
    for kind, channel in OWN:
        message = sample(office, kind, channel, language)
        subject, body = defaults.source(kind, channel, language)
        template = MessageTemplate(
            office=office,
            kind=kind,
            channel=channel,
            language=language,
            subject=subject,
            body=body,
        )

        with translation.override(language):
            template.full_clean()

        assert texts.write_in(template, message)[:3] == texts.write(message)[:3]


def test_conditions_of_the_files_can_be_written_too():
    _subject, body = defaults.source(Kind.CANCELLED, Channel.MAIL, "en")

    assert body.startswith("{% if by_citizen %}Your appointment is cancelled\n")
    assert "{% if reason %}The office writes: “{{ reason }}”{% endif %}" in body
