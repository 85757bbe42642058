"""Every text that is marked for translation is translated, in each language."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]|%%|<[^>]+>")


def language(path):
    return path.parent.parent.name


def texts(path):
    return {
        (entry.msgctxt, entry.msgid)
        for entry in polib.pofile(path)
        if not entry.obsolete
    }


def placeholders(text):
    """What stands for something else in a text, and its tags."""
    return sorted(PLACEHOLDER.findall(text))


def keeps_placeholders(entry):
    """Every form of a translation has those of a form of its source, as often.

    A form for none, one or two may leave out the number: Arabic has a word for each.
    """
    sources = [placeholders(entry.msgid), placeholders(entry.msgid_plural)]
    if not entry.msgid_plural:
        return placeholders(entry.msgstr) == sources[0]
    without_number = [
        source[:number] + source[number + 1 :]
        for source in sources
        for number in range(len(source))
    ]
    *few, many = [placeholders(text) for _, text in sorted(entry.msgstr_plural.items())]
    return many in sources and all(form in sources + without_number for form in few)


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_catalogue_is_complete(path):
    catalogue = polib.pofile(path)

    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_translation_fills_in_what_its_source_does(path):
    wrong = [
        entry.msgid for entry in polib.pofile(path) if not keeps_placeholders(entry)
    ]

    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_catalogue_renames_no_month(path):
    """Our texts stand before Django's: "May", without a context, is the month."""
    months = {*MONTHS.values(), *MONTHS_3.values(), *MONTHS_ALT.values()}

    ours = {entry.msgid for entry in polib.pofile(path) if not entry.msgctxt}

    assert ours & {str(month) for month in months} == set()


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs gettext")
@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_catalogue_knows_every_text(path, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".*", "*.mo", "node_modules")
    )
    subprocess.run(
        [
            *(sys.executable, "-m", "django", "makemessages", "--no-obsolete"),
            *("--locale", language(path), "--verbosity", "0"),
        ],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        check=True,
        capture_output=True,
    )

    extracted = texts(copy / path.relative_to(ROOT))
    known = texts(path)
    assert extracted == known
