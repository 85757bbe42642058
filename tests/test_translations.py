"""Every text that is marked for translation is translated, in each language."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


def language(path):
    return path.parent.parent.name


def placeholders(text):
    return set(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_catalogue_is_complete(path):
    catalogue = polib.pofile(path)

    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_translation_fills_in_what_its_source_does(path):
    wrong = [
        entry.msgid
        for entry in polib.pofile(path)
        for text in entry.msgstr_plural.values() or [entry.msgstr]
        if placeholders(text) - placeholders(entry.msgid + entry.msgid_plural)
    ]

    assert wrong == []


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

    extracted = {entry.msgid for entry in polib.pofile(copy / path.relative_to(ROOT))}
    known = {entry.msgid for entry in polib.pofile(path) if not entry.obsolete}
    assert extracted == known
