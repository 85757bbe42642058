from appointments.admin import (
    appointments,
    citizens,
    events,
    feeds,
    impact,
    requests,
    search,
)

__all__ = [
    "appointments",
    "citizens",
    "events",
    "feeds",
    "impact",
    "requests",
    "search",
]
