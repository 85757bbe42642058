"""What the tests of the pages share: one morning, one town hall, one browser."""

import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlencode

from django.urls import reverse

from appointments import links
from availability.models import Hold
from availability.tests.factories import OpenHostFactory
from offices.tests.factories import OfficeServiceFactory

NOW = datetime(2030, 3, 12, 7, tzinfo=UTC)  # a Tuesday, 8:00 in Berlin
NINE = "2030-03-13T09:00+01:00"
WEDNESDAY = "2030-03-13"
ANSWERS = {
    "name": "Ada Example",
    "email": "ada@example.org",
    "phone": "030 901820",
    "purpose": "My passport",
    "access_needs": "A step-free entrance",
}


def town_hall(hosts=1, **fields):
    """A service that may be booked with `hosts` counters, every day from 8 to 16."""
    offered = OfficeServiceFactory(
        **{
            "office__slug": "town-hall",
            "office__name": "Town hall",
            "office__phone": "040 123 456",
            "service__code": "passport",
            "service__name": "Passport",
        }
        | fields
    )
    OpenHostFactory.create_batch(hosts, office=offered.office)
    return offered


def utc(text):
    """The instant of an ISO time in UTC: "2030-03-13T08:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def days_path(offered, **query):
    return path("days", offered.office.slug, offered.service.code, **query)


def times_path(offered, day=WEDNESDAY, **query):
    return path("times", offered.office.slug, offered.service.code, day, **query)


def details_path(offered, at=NINE, **query):
    return path("details", offered.office.slug, offered.service.code, at=at, **query)


def own_path(name, appointment, *more, **query):
    return path(name, links.token_for(appointment), *more, **query)


def path(name, *args, **query):
    address = reverse(f"appointments:{name}", args=args)
    return f"{address}?{urlencode(query)}" if query else address


def hold_nine(client, offered, at=NINE, **query):
    """Choose a time as a browser does; where it leads to."""
    response = client.post(times_path(offered, at[:10], **query), {"starts_at": at})
    assert response.status_code == 303, words(response)
    return response.url


def confirm(client, address, **answers):
    return client.post(address, {**ANSWERS, **answers, "step": "confirm"})


def book(client, offered, at=NINE, **answers):
    """A whole booking; the address of its confirmation."""
    response = confirm(client, hold_nine(client, offered, at), **answers)
    assert response.status_code == 303, words(response)
    return response.url


def held():
    """The starts that are held, in UTC."""
    return sorted(Hold.objects.values_list("starts_at", flat=True))


def words(response):
    """What a page says, without its tags."""
    html = re.sub(r"<(script|style|svg).*?</\1>", "", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def buttons(response):
    """The times on offer, as their buttons send them."""
    return re.findall(
        r'<button class="slot" name="starts_at" value="([^"]+)"', response.text
    )


def days(response):
    """Where the free days of the calendar lead."""
    return [
        unescape(href)
        for href in re.findall(r'class="day day--free" href="([^"]+)"', response.text)
    ]
