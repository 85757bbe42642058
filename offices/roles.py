"""Who may do what at an office, on one page.

A membership gives a person one role at one office. A role is a list of object
permissions on that office, granted through one group per office and role (see
offices.operations); nothing else grants them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    MANAGER = "manager", _("Manager")
    HOST = "host", _("Host")
    SECRETARY = "secretary", _("Secretary")
    RECEPTION = "reception", _("Reception")


class Permission(models.TextChoices):
    """Object permissions on an office; the label finishes "May …"."""

    VIEW_APPOINTMENTS = "view_appointments", _("see the office's appointments")
    BOOK_APPOINTMENTS = (
        "book_appointments",
        _("book, move, reassign and cancel appointments for citizens"),
    )
    DECIDE_REQUESTS = "decide_requests", _("approve and deny requests")
    RUN_DESK = (
        "run_desk",
        _("check people in, start and complete appointments, mark no-shows"),
    )
    OVERRIDE_RULES = (
        "override_rules",
        _("book outside opening hours and beyond the office's limits"),
    )
    MANAGE_HOURS = "manage_hours", _("change opening hours and closures")
    MANAGE_OFFICE = (
        "manage_office",
        _("change the office, what it offers and its hosts"),
    )
    MANAGE_MEMBERS = "manage_members", _("give and take away roles")
    VIEW_STATISTICS = "view_statistics", _("see the office's statistics")
    EXPORT_DATA = "export_data", _("export appointments and statistics")


PERMISSIONS = {
    Role.MANAGER: set(Permission),
    Role.SECRETARY: {
        Permission.VIEW_APPOINTMENTS,
        Permission.BOOK_APPOINTMENTS,
        Permission.DECIDE_REQUESTS,
        Permission.RUN_DESK,
        Permission.MANAGE_HOURS,
    },
    Role.HOST: {
        Permission.VIEW_APPOINTMENTS,
        Permission.DECIDE_REQUESTS,
        Permission.RUN_DESK,
    },
    Role.RECEPTION: {
        Permission.VIEW_APPOINTMENTS,
        Permission.BOOK_APPOINTMENTS,
        Permission.RUN_DESK,
    },
}


def may_words(role):
    """What a role may, each finishing "May …"."""
    held = PERMISSIONS[Role(role)]
    return [permission.label for permission in Permission if permission in held]
