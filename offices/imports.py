"""What every import has in common: reading a file, and saying what became of it.

A *broken file* cannot be trusted as a whole, and changes nothing. A *refused row*
is left out with its reason, and the others go in.
"""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from django.core.management.base import CommandError


class BrokenFile(Exception):
    """A file that cannot be imported; the message names it, the place and the cure."""

    def __init__(self, path, problem):
        super().__init__(f"{path}: {problem} Nothing was imported.")


class RowRefused(Exception):
    """A row that is left out; the message says why."""


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    MISSING = "missing"


class Line(NamedTuple):
    """What became of one row: a `kind` of thing, its `key` in the source, a `note`."""

    outcome: Outcome
    kind: str
    key: str
    name: str
    note: str

    def __str__(self):
        note = f": {self.note}" if self.note else ""
        return f"{self.outcome:<10} {self.kind:<8} {self.key:<18} {self.name}{note}"


class Report:
    """One line for each row, in the order of the file."""

    def __init__(self):
        self.lines = []

    def add(self, outcome, kind, key, name="", note=""):
        self.lines.append(Line(outcome, kind, str(key), name, str(note)))

    def of(self, outcome):
        return [line for line in self.lines if line.outcome == outcome]

    def count(self, outcome, kind):
        return sum(line.kind == kind for line in self.of(outcome))

    def totals(self):
        """One sentence for each kind of row, like "office: 3 created, 1 refused"."""
        counts = Counter((line.kind, line.outcome) for line in self.lines)
        kinds = dict.fromkeys(line.kind for line in self.lines)
        for kind in kinds:
            said = [f"{counts[kind, o]} {o}" for o in Outcome if counts[kind, o]]
            yield f"{kind}: {', '.join(said)}"


def read_text(path):
    """The text of a file in UTF-8, with or without a byte order mark."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8. Save the file in UTF-8."
        raise BrokenFile(path, problem) from error
    except OSError as error:
        raise BrokenFile(path, f"{error.strerror}. Check its name.") from error
    if not text.strip():
        raise BrokenFile(path, "the file is empty. Export it anew.")
    return text


def tell(command, report, *, verbosity, dry_run):
    """Print a report; end with status 1 if a row was refused.

    Every row at the usual verbosity, those left out alone at 0.
    """
    for line in report.lines:
        if verbosity or line.outcome == Outcome.REFUSED:
            command.stdout.write(str(line))
    for sentence in report.totals():
        command.stdout.write(sentence)
    if dry_run:
        command.stdout.write("Dry run: nothing was written.")
    refused = len(report.of(Outcome.REFUSED))
    if refused:
        raise CommandError(
            f"{refused} refused: the lines above say why. "
            "Correct them in the file and import it again."
        )
