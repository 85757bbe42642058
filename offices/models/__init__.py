from offices.models.api_key import ApiKey
from offices.models.closure import Closure, ClosureKind
from offices.models.office import Office, OfficeStatus
from offices.models.people import Host, Membership
from offices.models.service import OfficeService, Service

__all__ = [
    "ApiKey",
    "Closure",
    "ClosureKind",
    "Host",
    "Membership",
    "Office",
    "OfficeService",
    "OfficeStatus",
    "Service",
]
