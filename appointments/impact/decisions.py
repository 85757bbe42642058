"""What can become of an appointment that loses its hours."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from offices.times import YEARS


class Fate(TextChoices):
    GIVE = "give", _("Given to a colleague")
    MOVE = "move", _("Moved")
    CANCEL = "cancel", _("Cancelled")
    LEAVE = "leave", _("Left as it is")


class Decision(NamedTuple):
    """What becomes of one appointment.

    `host` (an id) is whom it is given to, or where it moves to at `starts_at` (an
    aware instant). As text, in a form, it is like "move 18 2027-01-11T09:00:00+00:00".
    """

    fate: Fate
    host: int | None = None
    starts_at: datetime | None = None

    def __str__(self):
        parts = [self.fate.value, self.host, self.starts_at and _iso(self.starts_at)]
        return " ".join(str(part) for part in parts if part is not None)

    @classmethod
    def read(cls, text):
        """The decision that a form has sent. Raises ValueError for any other text."""
        fate, *rest = text.split(" ")
        expected = {Fate.GIVE: 1, Fate.MOVE: 2}.get(Fate(fate), 0)
        if len(rest) != expected:
            raise ValueError(text)
        return cls(
            Fate(fate),
            host=int(rest[0]) if rest else None,
            starts_at=_instant(rest[1]) if expected == 2 else None,
        )


CANCEL = Decision(Fate.CANCEL)
LEAVE = Decision(Fate.LEAVE)


def _iso(instant):
    return instant.isoformat()


def _instant(text):
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or instant.year not in YEARS:
        raise ValueError(text)
    return instant
