"""What the cards and rows of the finding pages say, in words."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from offices import times
from offices.models import OfficeStatus
from offices.translated import marked, sentence, text_of

MAP = "https://www.openstreetmap.org/"
NAMED = 2  # services by which an office is told from its neighbour


def office_card(office):
    """Of components/office_card.html, for an office of catalogue.offices()."""
    suspended = office.status == OfficeStatus.SUSPENDED
    nothing = not office.service_count and _("Nothing can be booked here")
    return {
        "name": text_of(office, "name"),
        "url": office.get_absolute_url(),
        "address": ", ".join(office.address),
        "text": nothing or known_for(office),
        "note": suspended and _("Takes no appointments at present"),
    }


def place_card(place):
    """Of components/office_card.html, for a Place."""
    office, offered = place.office, place.offered
    unusual = offered.duration != offered.service.duration
    return {
        "name": text_of(office, "name"),
        "url": days_url(place) if place.is_open else office.get_absolute_url(),
        "address": ", ".join(office.address),
        "text": known_for(office, besides=text_of(offered.service, "name")),
        "duration": unusual and times.time_needed(offered.duration),
        "next_free": place.next_free and times.office_when(place.next_free, office),
        "full": place.is_open and place.takes_so_many,
        "note": why_not(place),
    }


def known_for(office, *, besides=None):
    """What an office is for whose name and door others share, as HTML; else ""."""
    names = [name for name in office.known_for if name != besides]
    if not names:
        return ""
    first, more = names[:NAMED], len(names) - NAMED
    services = format_html_join(" · ", "{}", ((marked(name),) for name in first))
    if more > 0:
        words = ngettext(
            "%(services)s and %(more)d more", "%(services)s and %(more)d more", more
        )
        services = sentence(words, services=services, more=more)
    words = _("Also for: %(services)s") if besides else _("For: %(services)s")
    return sentence(words, services=services)


def why_not(place):
    """Why a Place cannot be booked, if so."""
    if not place.is_open:
        return _("Takes no appointments at present")
    if not place.takes_so_many:
        return _("At most %(most)d in one visit") % {"most": place.offered.max_quantity}
    return ""


def days_url(place):
    """Where the day of a visit is chosen."""
    path = reverse("appointments:days", args=_arguments(place))
    return path + _query(place)


def soonest_url(place):
    """Where the time is chosen, on the day with the next free one."""
    day = place.office.local_day(place.next_free)
    path = reverse("appointments:times", args=[*_arguments(place), day.isoformat()])
    return path + _query(place)


def _arguments(place):
    return [place.office.slug, place.offered.service.code]


def _query(place):
    many = min(place.quantity, place.offered.max_quantity)
    return f"?quantity={many}" if many > 1 else ""


def map_url(office):
    """Where a map shows the office: its coordinates, or else its address."""
    if office.latitude is not None and office.longitude is not None:
        at = {"mlat": office.latitude, "mlon": office.longitude, "zoom": 17}
        return f"{MAP}?{urlencode(at)}"
    address = ", ".join(office.address)
    return address and f"{MAP}search?{urlencode({'query': address})}"


def hours_row(open_day, today):
    """Of components/hours.html."""
    return {
        "day": times.weekday(open_day.day),
        "date": times.day_name(open_day.day, today),
        "times": [times.clock_span(*span) for span in open_day.hours],
        "is_today": open_day.day == today,
    }


def closure_row(closure, office, now):
    return {
        "when": times.stretch(closure.starts_at, closure.ends_at, office),
        "reason": text_of(closure, "reason"),
        "is_now": closure.starts_at <= now,
    }
