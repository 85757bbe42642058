"""Where the calendar's pages are; each says which office it is about."""

from urllib.parse import urlencode

from django.urls import reverse

from appointments.week import weeks


def page(office, name, *args, **query):
    """The address of a page of the calendar; what is None is left out of the query."""
    about = {"office": office.slug, **query}
    told = {key: value for key, value in about.items() if value is not None}
    return f"{reverse(f'admin:{name}', args=args)}?{urlencode(told)}"


def week(office, monday, *, host=None, day=None):
    """A week of one host or, without, of all; on a phone, it opens at `day`."""
    return page(
        office,
        "calendar",
        host=host and host.pk,
        week=weeks.name_of(monday),
        day=day and day.isoformat(),
    )


def week_with(office, day, host=None):
    """The week that a date is in, open at that date."""
    return week(office, weeks.monday_of(day), host=host, day=day)
