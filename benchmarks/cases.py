"""The town that is measured, the cases, and the table they make."""

import itertools
import statistics
import time as clock
from datetime import time, timedelta
from functools import partial

import django

django.setup()

from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from appointments.models import Citizen  # noqa: E402
from appointments.operations import book  # noqa: E402
from appointments.states import Channel  # noqa: E402
from availability import operations, queries  # noqa: E402
from availability.models import AvailabilityRule, HostDay  # noqa: E402
from config.metrics.requests import MetricsMiddleware  # noqa: E402
from offices.models import Host, Office, OfficeService, Service  # noqa: E402

OFFICES, HOSTS, DAYS = 40, 5, 60
ROUNDS, REPEATS = 9, 20
WORKDAYS = [1, 2, 3, 4, 5]
CLIENT = Client()  # its first request makes the middleware, the others do not


def report():
    """Measure everything; returns the table as text."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)  # of pages
    offered, seconds = _make_town()
    slots = sum(day.open.bit_count() for day in HostDay.objects.all())
    times = _measure(_cases(offered))
    lines = [
        f"{OFFICES} offices, {OFFICES * HOSTS} hosts, {DAYS} days, {slots:,} slots; "
        f"generated at {slots / seconds:,.0f} slots a second",
        "",
        f"{'case':38}{'ms':>8}{'ratio':>8}",
    ]
    for name, (median, reference) in times.items():
        lines.append(f"{name:38}{median * 1000:8.2f}{reference / median:8.2f}")
    return "\n".join(lines)


def _make_town():
    """Offices with hosts open on workdays.

    Returns the first offer, and how many seconds generating took.
    """
    service = Service.objects.create(
        name="Permit", code="permit", duration=timedelta(minutes=30)
    )
    offices = Office.objects.bulk_create(
        Office(
            name=f"Office {n}",
            slug=f"office-{n}",
            max_open_appointments=30_000,
            booking_horizon_days=DAYS,
        )
        for n in range(OFFICES)
    )
    OfficeService.objects.bulk_create(
        OfficeService(office=office, service=service) for office in offices
    )
    hosts = Host.objects.bulk_create(
        Host(office=office, name=f"Counter {n}")
        for office in offices
        for n in range(HOSTS)
    )
    AvailabilityRule.objects.bulk_create(
        AvailabilityRule(
            host=host, weekdays=WORKDAYS, start_time=time(8), end_time=time(18)
        )
        for host in hosts
    )
    start = clock.perf_counter()
    operations.generate(offices)
    seconds = clock.perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return OfficeService.objects.with_details().order_by("pk").first(), seconds


def _cases(offered):
    """{name: (what to do, the name of its reference)}."""
    day = offered.office.today() + timedelta(days=7)
    day += timedelta(days=-day.weekday() % 7)  # a Monday
    month = day + timedelta(days=30)
    everywhere = list(OfficeService.objects.with_details())
    # Each time of each host once: a booking must never meet a taken time.
    starts = itertools.chain.from_iterable(
        itertools.repeat(start, HOSTS)
        for n in itertools.count()
        for start in list(queries.free_starts(offered, day + timedelta(days=n)))[::2]
    )
    serial = itertools.count()
    quiet = everywhere[-1]  # nobody books there
    known = _feed(quiet, day)
    feeds = {
        f"feed of free times, {name}{how}": (
            partial(_feed, quiet, day, days=days, fresh=fresh),
            "SELECT 1",
        )
        for name, days in (("a day", 1), ("a week", 7), ("a month", 31))
        for how, fresh in (("", True), (", kept", False))
    }
    return {
        "SELECT 1": (_select, None),
        "free times of a day": (
            lambda: queries.free_starts(offered, day),
            "SELECT 1",
        ),
        "free counts of a month": (
            lambda: queries.free_counts(offered, day, month),
            "SELECT 1",
        ),
        **feeds,
        "a week that has not changed since": (
            lambda: _feed(quiet, day, headers={"If-None-Match": known}),
            "SELECT 1",
        ),
        f"next free time at {OFFICES} offices": (
            lambda: queries.next_free(everywhere),
            "SELECT 1",
        ),
        "page of a month's days, worked out": (
            lambda: _days(quiet, day, fresh=True),
            "SELECT 1",
        ),
        "page of a month's days, kept": (lambda: _days(quiet, day), "SELECT 1"),
        "list of offices, worked out": (
            lambda: _page("/offices/", fresh=True),
            "SELECT 1",
        ),
        "list of offices, kept": (lambda: _page("/offices/"), "SELECT 1"),
        "counting a request": (_count_request, "SELECT 1"),
        "bare INSERT": (lambda: _insert(next(serial)), None),
        "hold": (lambda: _hold(offered, starts, next(serial)), "bare INSERT"),
        "book, any host": (lambda: _book(offered, starts, next(serial)), "bare INSERT"),
        "hold, then book from it": (
            lambda: _hold_and_book(offered, starts, next(serial)),
            "bare INSERT",
        ),
    }


def _measure(cases):
    """{name: (median seconds, median seconds of the reference)}, rounds interleaved."""
    taken = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, (do, _reference) in cases.items():
            start = clock.perf_counter()
            for _ in range(REPEATS):
                do()
            taken[name].append((clock.perf_counter() - start) / REPEATS)
    median = {name: statistics.median(rounds) for name, rounds in taken.items()}
    return {
        name: (median[name], median[reference or name])
        for name, (_do, reference) in cases.items()
    }


def _select():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchall()


def _feed(offered, day, *, days=7, fresh=False, headers=None):
    """Ask for it as a program does, through all of the API; returns its ETag."""
    if fresh:
        cache.clear()
    page = reverse("api:slot-list", args=[offered.office_id])
    last = day + timedelta(days=days - 1)
    query = {"service": offered.service_id, "from": day, "to": last}
    return CLIENT.get(page, query, headers=headers, SERVER_NAME="localhost")["ETag"]


def _days(offered, day, *, fresh=False):
    about = [offered.office.slug, offered.service.code]
    page = reverse("appointments:days", args=about)
    _page(f"{page}?month={day:%Y-%m}", fresh=fresh)


def _page(path, *, fresh=False):
    if fresh:
        cache.clear()
    CLIENT.get(path, SERVER_NAME="localhost")


def _count_request():
    """What metrics add to a request that does nothing."""
    request = RequestFactory().get("/offices/")
    MetricsMiddleware(lambda request: HttpResponse())(request)


def _insert(serial):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO appointments_citizen"
            " (name, email, phone, language, created_at)"
            " VALUES ('Bench', %s, '', '', %s)",
            [f"insert{serial}@example.org", timezone.now()],
        )


def _hold(offered, starts, serial):
    return operations.hold(offered, next(starts), holder=f"bench {serial}")


def _book(offered, starts, serial, **hold):
    citizen = Citizen(name="Bench", email=f"bench{serial}@example.org")
    starts_at = hold.pop("starts_at", None) or next(starts)
    book(offered, starts_at, citizen=citizen, by=citizen, channel=Channel.WEB, **hold)


def _hold_and_book(offered, starts, serial):
    held = _hold(offered, starts, serial)
    _book(
        offered,
        starts,
        serial,
        starts_at=held.starts_at,
        hold=held.pk,
        holder=held.holder,
    )
