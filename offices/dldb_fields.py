"""The values of DLDB rows as those of our fields; a wrong one refuses its row.

Which fields a file sets is decided by the keys that some row of it `carries`: a
service without fees has none where others have them; where no row speaks of fees,
they stay as staff set them (as booking policy and accessibility always do).
"""

from datetime import timedelta
from html import escape

from offices.html import clean_html, clean_text
from offices.imports import RowRefused

MINUTES_OF_A_DAY = 24 * 60
LINK_SCHEMES = ("http://", "https://")


def carried(rows):
    """The keys that some row has; a key in an object is written "address.city"."""
    found = set()
    for row in rows:
        for key, value in row.items():
            found.add(key)
            if isinstance(value, dict):
                found.update(f"{key}.{inner}" for inner in value)
    return found


def fields_of(row, table, keys):
    """Our fields of a row by one of the tables below, as far as `keys` carry them.

    Raises RowRefused for a value that is wrong.
    """
    return {
        field: read(row, key) for field, (key, read) in table.items() if key in keys
    }


def possible_names(location):
    """What an office could be called, best first: its display name, that with the
    street, and the full name, which has the department's code.
    """
    full = text(location, "name")
    shown = text(location, "displayName") or full
    if not shown:
        raise RowRefused('"name" is empty. Give the office a name.')
    lines = [shown, f"{shown}, {street(location, 'address.street')}", full or shown]
    return [line.removesuffix(", ") for line in lines]


def text(row, key):
    return clean_text(str(_of_type(row, key, str | int, "text", "")))


def html(row, key):
    return clean_html(_of_type(row, key, str, "text", ""))


def flag(row, key):
    return _of_type(row, key, bool, "true or false", True)


def objects(row, key):
    found = _of_type(row, key, list, "a list", [])
    if not all(isinstance(each, dict) for each in found):
        raise RowRefused(f'"{key}" must be a list of objects.')
    return found


def name(row, key):
    found = text(row, key)
    if not found:
        raise RowRefused(f'"{key}" is empty. Give it a name.')
    return found


def minutes(row, key):
    """Whole minutes, at least one and at most a day's."""
    found = _of_type(row, key, int, "whole minutes", None)
    if found is None or not 1 <= found <= MINUTES_OF_A_DAY:
        raise RowRefused(
            f'"{key}" is {found}; it must be from 1 to {MINUTES_OF_A_DAY} minutes.'
        )
    return timedelta(minutes=found)


def most(row, key):
    """How many a visit may have; none said: one."""
    found = _of_type(row, key, int, "a whole number", 1)
    if found < 1:
        raise RowRefused(f'"{key}" is {found}; it must be at least 1.')
    return found


def most_or_none(row, key):
    return None if row.get(key) is None else most(row, key)


def degrees(limit):
    """A reader of coordinates from -limit to limit; numbers or text, empty: none."""

    def read(row, key):
        value = _of_type(row, key, str | int | float, "a number", "")
        if value == "":
            return None
        try:
            found = float(value)
        except ValueError:
            found = None
        if found is None or not -limit <= found <= limit:
            raise RowRefused(
                f'"{key}" is {value!r}; it must be from -{limit} to {limit}.'
            )
        return found

    return read


def street(row, key):
    return f"{text(row, key)} {text(row, 'address.house_number')}".strip()


def words(row, key):
    """What else people search for: key words and the office's other names."""
    others = _of_type(row, "displayNameAlternatives", list, "a list", [])
    found = [text(row, "displayName"), text(row, "name")]
    found += [clean_text(each) for each in others if isinstance(each, str)]
    found += [each.strip() for each in text(row, key).split(",")]
    return ", ".join(dict.fromkeys(each for each in found if each))


def description(row, key):
    """The text, then the source's links to forms and further reading.

    Munich lists the same ones as `forms` and as `links`.
    """
    links = {
        website(each, "link"): text(each, "name")
        for each in [*objects(row, "forms"), *objects(row, "links")]
    }
    items = "".join(
        f'<li><a href="{escape(link)}">{escape(shown or link)}</a></li>'
        for link, shown in links.items()
        if link
    )
    further = f"<ul>{items}</ul>" if items else ""
    return clean_html(html(row, key) + further)


def requirements(row, key):
    """Berlin's list of what to bring: name, explanation and perhaps a link."""
    items = []
    for each in objects(row, key):
        link, shown = website(each, "link"), escape(text(each, "name"))
        if shown and link:
            shown = f'<a href="{escape(link)}">{shown}</a>'
        items.append(f"<li>{shown} {html(each, 'description')}</li>")
    return clean_html(f"<ul>{''.join(items)}</ul>") if items else ""


def online_url(row, key):
    """Where the service can be done online.

    Munich writes the address of its appointment page there, and means nothing.
    """
    link = website(row, key)
    pages = {_page(website(row, "appointment.link")), _page(website(row, "meta.url"))}
    return "" if _page(link) in pages else link


def website(row, key):
    link = _of_type(row, key, str, "text", "").strip()
    return link if link.startswith(LINK_SCHEMES) else ""


def bookable(row, key):
    """Whether citizens may book a link: it is public, and booked here if at all."""
    outside = _of_type(row, "appointment.external", bool, "true or false", False)
    return flag(row, "public") and flag(row, "appointment.allowed") and not outside


def hidden_services(location):
    """Services the office gives but hides from citizens, in favour of others."""
    found = _of_type(location, "dontShowByServices", list, "a list", [])
    return {str(each) for each in found}


def _page(link):
    return link.partition("#")[0].partition("?")[0]


def _of_type(row, key, kind, called, default):
    """The value of a key ("address.city": in an object); null counts as absent."""
    *outer, last = key.split(".")
    for each in outer:
        row = _of_type(row, each, dict, "an object", {})
    value = row.get(last)
    if value is None:
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RowRefused(f'"{key}" must be {called}, not {value!r}.')
    return value


SERVICE = {
    "name": ("name", name),
    "description": ("description", description),
    "keywords": ("meta.keywords", text),
    "what_to_bring": ("requirements", requirements),
    "fee": ("fees", html),
    "duration": ("duration", minutes),
    "max_quantity": ("maxQuantity", most),
    "online_url": ("onlineprocessing.link", online_url),
    "is_public": ("public", flag),
}

OFFICE = {
    "keywords": ("meta.keywords", words),
    "is_public": ("public", flag),
    "street": ("address.street", street),
    "postal_code": ("address.postal_code", text),
    "city": ("address.city", text),
    "latitude": ("geo.lat", degrees(90)),
    "longitude": ("geo.lon", degrees(180)),
    "email": ("contact.email", text),
    "phone": ("contact.phone", text),
    "website": ("contact.webinfo", website),
}

LINK = {
    "own_duration": ("duration", minutes),
    "own_max_quantity": ("maxQuantity", most_or_none),
    "is_public": ("service", bookable),
}
