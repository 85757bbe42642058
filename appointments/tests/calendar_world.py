"""What the tests of the calendar share: a counter open from 8 to 16, and its week."""

from datetime import UTC, date, datetime, time, timedelta

from appointments.tests.factories import local
from appointments.week import links, rows
from availability import operations, quarters
from availability.models import HostDay
from offices.models import Closure, ClosureKind
from offices.roles import Role
from offices.tests.factories import MembershipFactory

NOW = datetime(2030, 3, 12, 7, tzinfo=UTC)  # a Tuesday, 8:00 in Berlin
TODAY, WEDNESDAY = date(2030, 3, 12), date(2030, 3, 13)
MONDAY = date(2030, 3, 18)  # of the week after
SPRING = date(2030, 3, 31)  # a Sunday; the clock goes from 2:00 to 3:00
AUTUMN_NOW = datetime(2030, 10, 21, 7, tzinfo=UTC)
AUTUMN = date(2030, 10, 27)  # a Sunday; the clock goes from 3:00 to 2:00
WEEK, MIDNIGHT = timedelta(days=7), time()
WHOLE = "08:00–16:00"


def open_on(host, day):
    """What the precomputed day of a host offers, on the office's clock."""
    written = HostDay.objects.get(host=host, day=day)
    day = quarters.local_day(day, host.office.time_zone)

    def clock(number):
        return quarters.start_of(number, day).astimezone(host.office.zone)

    return [
        f"{clock(first):%H:%M}–{clock(first + count):%H:%M}"
        for first, count in rows.stretches(written.open)
    ]


def quarters_on(host, day):
    return HostDay.objects.get(host=host, day=day).open.bit_count()


def sign_in(client, office, role=Role.SECRETARY):
    client.force_login(MembershipFactory(office=office, role=role).user)
    return client


def page(at, name, /, *args, **query):
    return links.page(at.office, name, *args, **query)


def block(host, day, start="08:00"):
    """What names a stretch of the host's only rule: the key, and the query."""
    return [host.rules.get().pk], {"day": day.isoformat(), "from": start}


def said(client):
    """The messages that the next page shows."""
    response = client.get("/admin/calendar/")
    return [str(message) for message in response.context["messages"]]


def errors(response):
    """The status, and what is wrong with which field; "__all__" is the whole form."""
    found = response.context["form"].errors
    return response.status_code, {name: list(texts) for name, texts in found.items()}


def rows_of(host):
    """How many rules, exceptions and closures there are."""
    return (
        host.rules.count(),
        host.exceptions.count(),
        Closure.objects.filter(office=host.office, kind=ClosureKind.STAFF).count(),
    )


def off(at, /, **data):
    about = {"host": "", "first": "", "start": "", "last": "", "end": "", "reason": ""}
    return page(at, "calendar_time_off"), {**about, **data}


def closed(at, start, end, /, **fields):
    return operations.close(
        at.office,
        starts_at=local(at.office, start, MIDNIGHT),
        ends_at=local(at.office, end, MIDNIGHT),
        by=None,
        **fields,
    )


def look(client, host, **query):
    return client.get(page(host, "calendar", host=host.pk, **query))


def choices(response, day, number=0):
    """What can be done with the entry of that number: [(words, status of the page)]."""
    of_day = next(each for each in response.context["days"] if each.day == day)
    found = of_day.placed[number][0].choices
    return [(label, response.client.get(url).status_code) for label, url in found]
