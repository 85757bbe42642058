from offices.models.closure import Closure, ClosureKind
from offices.models.office import Office, OfficeStatus
from offices.models.people import Host, Membership
from offices.models.service import OfficeService, Service

__all__ = [
    "Closure",
    "ClosureKind",
    "Host",
    "Membership",
    "Office",
    "OfficeService",
    "OfficeStatus",
    "Service",
]
