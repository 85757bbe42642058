"""How one office fares by day, week or month: what the API tells."""

from datetime import date
from typing import NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from availability import quarters, slots
from availability.queries import rows, starts_sql
from offices.models import OfficeService


class Period(models.TextChoices):
    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")


class Figures(NamedTuple):
    """Of one day, week (from Monday) or month.

    `booked` counts all but requests that were denied, whatever has become of them.
    `utilisation` is the share of the open time that was taken, None with no hours;
    `lead_time_days` how long before their visit people booked, walk-ins left out.
    """

    starts_on: date
    booked: int
    completed: int
    no_show: int
    cancelled: int
    utilisation: float | None
    lead_time_days: float | None


BY_PERIOD = """
WITH period AS (
    SELECT generate_series(
        date_trunc(%(period)s, %(first)s::timestamp), %(last)s::timestamp,
        ('1 ' || %(period)s)::interval
    )::date AS starts_on
), visits AS (
    SELECT date_trunc(%(period)s, day::timestamp)::date AS starts_on,
           count(*) FILTER (WHERE status <> 'denied') AS booked,
           count(*) FILTER (WHERE status = 'completed') AS completed,
           count(*) FILTER (WHERE status = 'no_show') AS no_show,
           count(*) FILTER (WHERE status = 'cancelled') AS cancelled,
           avg(greatest(extract(epoch FROM starts_at - created_at), 0) / 86400)
               FILTER (WHERE channel <> 'walk_in' AND status <> 'denied') AS lead
    FROM appointments_appointment
    WHERE office_id = %(office)s AND day BETWEEN %(first)s AND %(last)s
    GROUP BY 1
), hours AS (
    SELECT date_trunc(%(period)s, day::timestamp)::date AS starts_on,
           sum(bit_count(open & claimed)) / nullif(sum(bit_count(open)), 0) AS taken
    FROM availability_hostday
    WHERE office_id = %(office)s AND day BETWEEN %(first)s AND %(last)s
    GROUP BY 1
)
SELECT starts_on, coalesce(booked, 0), coalesce(completed, 0), coalesce(no_show, 0),
       coalesce(cancelled, 0), round(taken, 4)::float, round(lead, 2)::float
FROM period LEFT JOIN visits USING (starts_on) LEFT JOIN hours USING (starts_on)
ORDER BY starts_on
"""

# Of each service that takes so many quarters, the first day with a free start.
FIRST_FREE_DAYS = """
SELECT serving.service_id, min(kept.day)
FROM availability_hostday AS kept
JOIN offices_serving AS serving
  ON serving.host_id = kept.host_id AND serving.service_id = ANY(%(services)s)
WHERE kept.office_id = %(office)s AND kept.day BETWEEN %(first)s AND %(last)s
  AND (({starts}) & CASE WHEN kept.day = %(first)s THEN %(mask)s::bit(100)
                         ELSE ~0::bit(100) END) <> 0::bit(100)
GROUP BY 1
"""


def by_period(office, first, last, *, period=Period.DAY):
    """The Figures of each period from one local date to another, included."""
    about = {"office": office.pk, "first": first, "last": last, "period": str(period)}
    return [Figures(*row) for row in rows(BY_PERIOD, about)]


def days_to_next_free(office):
    """How many days from today citizens have to wait: {service id: days or None}.

    Of all that the office offers to the public; None where nothing is free until
    the booking horizon.
    """
    offereds = OfficeService.objects.public().filter(office=office).with_details()
    waits, by_count = {}, {}
    for offered in offereds:
        waits[offered.service_id] = None
        many = slots.count(offered, 1)
        by_count.setdefault(many, []).append(offered.service_id)
    bounds, today = slots.window(office, timezone.now()), office.today()
    local_day = quarters.local_day(bounds.first_day, office.time_zone)
    about = {
        "office": office.pk,
        "first": bounds.first_day,
        "last": bounds.last_day,
        "mask": quarters.to_bits(bounds.quarters_of(bounds.first_day, local_day)),
    }
    for many, services in by_count.items():
        statement = FIRST_FREE_DAYS.format(starts=starts_sql(many))
        for service, day in rows(statement, {**about, "services": services}):
            waits[service] = (day - today).days
    return waits
