from appointments.models.appointment import (
    HOST_NOT_DOUBLE_BOOKED,
    PERSON_NOT_DOUBLE_BOOKED,
    REFERENCE_ONCE,
    Appointment,
)
from appointments.models.calendar_feed import CalendarFeed
from appointments.models.citizen import Citizen
from appointments.models.event import AppointmentEvent
from appointments.models.records import (
    Access,
    AccessKind,
    Content,
    Export,
    FileFormat,
    NextFreeDay,
)

__all__ = [
    "HOST_NOT_DOUBLE_BOOKED",
    "PERSON_NOT_DOUBLE_BOOKED",
    "REFERENCE_ONCE",
    "Access",
    "AccessKind",
    "Appointment",
    "AppointmentEvent",
    "CalendarFeed",
    "Citizen",
    "Content",
    "Export",
    "FileFormat",
    "NextFreeDay",
]
