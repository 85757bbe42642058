from appointments.admin import (
    appointments,
    booking,
    citizens,
    desk,
    closing,
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
    "booking",
    "citizens",
    "desk",
    "closing",
    "events",
    "feeds",
    "impact",
    "people",
    "records",
    "requests",
    "search",
]
