from availability.admin.days import HoldAdmin, HostDayAdmin
from availability.admin.hours import AvailabilityExceptionAdmin, AvailabilityRuleAdmin
from availability.admin.offices import ClosureAdmin, HostAdmin, OfficeAdmin

__all__ = [
    "AvailabilityExceptionAdmin",
    "AvailabilityRuleAdmin",
    "ClosureAdmin",
    "HoldAdmin",
    "HostAdmin",
    "HostDayAdmin",
    "OfficeAdmin",
]
