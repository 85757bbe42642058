"""What somebody signed in with, in the few words that tell it from another."""

import re

# The first that is named wins: Edge names Chrome and Safari, Chrome names Safari.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
]


def words(request):
    """Like "Firefox, Windows"; a program's own name; "" where nothing is said."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    found = [_first(agent, BROWSERS), _first(agent, SYSTEMS)]
    if any(found):
        return ", ".join(filter(None, found))
    name = re.match(r"[\w.-]{1,40}", agent, re.ASCII)
    return name[0] if name else ""


def _first(agent, names):
    return next((name for sign, name in names if sign in agent), None)
