"""Compile translations, without gettext on the machine. `make translations`."""

from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def compile_all(locale=LOCALE):
    """Write the .mo beside each .po that is newer."""
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(source).save_as_mofile(target)


if __name__ == "__main__":
    compile_all()
