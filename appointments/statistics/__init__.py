"""How offices fare, in figures: for the API, the admin and exports.

What counts for a period are the appointments *for* its days, whenever they were
booked, and the hours of its days. Everything is counted by the database.
"""

from appointments.statistics.periods import (
    Figures,
    Period,
    by_period,
    days_to_next_free,
)

__all__ = ["Figures", "Period", "by_period", "days_to_next_free"]
