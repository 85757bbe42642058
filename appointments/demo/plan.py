"""Who comes to Larkhaven's offices, and when: the same whenever it is asked.

A host's day is planned from its weekly hours alone, so that each visit keeps its
id; whether it is booked yet depends on how far away the day is.
"""

import random
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appointments.demo.offices import OFFICES
from appointments.demo.people import FIRST_NAMES, LAST_NAMES
from appointments.demo.services import SERVICES
from availability.quarters import QUARTER, needed

DAYS = 14  # so many back, and ahead
NAMESPACE = uuid.UUID("6c61726b-6861-4e76-a56e-000000000000")

# Of the visits planned, how many are booked: of a day that is over, of today, and of
# the last day ahead.
OF_PAST, OF_TODAY, OF_LAST = 0.4, 0.35, 0.05
GAP = 0.5  # how often a host is left free for a quarter of an hour

PURPOSES = {
    "planning-advice": [
        "A bay window towards the street",
        "Turning the boat shed into a workshop",
        "Solar panels on a listed roof",
        "A second dwelling in the garden",
    ],
    "business-registration": ["A bakery", "Sailing lessons", "A repair café"],
}
ACCESS_NEEDS = [
    "I use a wheelchair.",
    "I am hard of hearing.",
    "I need an interpreter.",
]


class Visit(NamedTuple):
    """One planned visit; `rank` and `fate`, from 0 to 1, decide what becomes of it."""

    id: uuid.UUID
    office: str
    host: str
    service: str
    quantity: int
    starts_at: datetime
    name: str
    purpose: str
    access_needs: str
    rank: float
    fate: float

    def lot(self, many):
        """A number below `many`, always the same for this visit."""
        return self.id.int % many


def visits(todays):
    """All that are booked by now; `todays` gives the local date of each office."""
    for key, today in todays.items():
        for number in range(-DAYS, DAYS + 1):
            day = today + timedelta(days=number)
            for host in OFFICES[key]["hosts"]:
                for visit in _visits_of(key, host, day):
                    if visit.rank < _share(number):
                        yield visit


def _share(days_ahead):
    if days_ahead < 0:
        return OF_PAST
    return OF_TODAY + (OF_LAST - OF_TODAY) * days_ahead / DAYS


def _visits_of(key, host, day):
    """What a host's weekly hours could hold on a day."""
    dice = random.Random(f"{key} {host.who} {day}")  # noqa: S311 (a demo, no secret)  # nosec B311
    for hours in host.hours:
        if day.isoweekday() in hours.weekdays:
            yield from _visits_between(key, host, day, hours, dice)


def _visits_between(key, host, day, hours, dice):
    zone = ZoneInfo(OFFICES[key]["fields"]["time_zone"])
    now = datetime.combine(day, hours.start_time, zone)
    end = datetime.combine(day, hours.end_time, zone)
    while now < end:
        visit, taken = _visit(key, host, now, dice)
        if dice.random() < GAP or now + taken > end:
            taken = QUARTER
        else:
            yield visit
        now += taken


def _visit(key, host, starts_at, dice):
    """A visit at a time, and how long it keeps the host."""
    about = OFFICES[key]
    code = dice.choice(host.serves or list(about["offers"]))
    service, own = SERVICES[code], about["offers"][code]
    quantity = dice.choice([1, 1, 1, 1, min(2, service.get("max_quantity", 1))])
    duration = own.get("own_duration", service["duration"]) * quantity
    taken = needed(duration + own.get("buffer", timedelta(0))) * QUARTER
    visit = Visit(
        id=uuid.uuid5(NAMESPACE, f"{key} {host.who} {starts_at.isoformat()}"),
        office=key,
        host=host.who,
        service=code,
        quantity=quantity,
        starts_at=starts_at,
        name=f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}",
        purpose=dice.choice(PURPOSES.get(code, [""])),
        access_needs=dice.choice([*ACCESS_NEEDS, *[""] * 30]),
        rank=dice.random(),
        fate=dice.random(),
    )
    return visit, taken
