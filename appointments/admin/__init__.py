from appointments.admin import (
    appointments,
    citizens,
    events,
    feeds,
    impact,
    people,
    records,
    requests,
    search,
)

__all__ = [
    "appointments",
    "citizens",
    "events",
    "feeds",
    "impact",
    "people",
    "records",
    "requests",
    "search",
]
