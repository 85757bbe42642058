from offices.models.api_key import ApiKey
from offices.models.closure import Closure, ClosureKind
from offices.models.history import ChangeKind, SettingChange
from offices.models.invitation import Invitation
from offices.models.office import Office, OfficeStatus, QueueRule
from offices.models.people import Host, Membership
from offices.models.service import OfficeService, Service

__all__ = [
    "ApiKey",
    "ChangeKind",
    "Closure",
    "ClosureKind",
    "Host",
    "Invitation",
    "Membership",
    "Office",
    "OfficeService",
    "OfficeStatus",
    "QueueRule",
    "Service",
    "SettingChange",
]
