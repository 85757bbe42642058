"""A change of hours in a sentence, where nobody has written one."""

from django.utils.translation import gettext as _

from availability.models import AvailabilityException, AvailabilityRule
from offices.models import Closure, Host, Office, OfficeStatus
from offices.times import stretch


def summary_of(save, delete):
    """What saving and deleting these rows means, for those who decide about it."""
    said = [_saved(row) for row in save] + [_deleted(row) for row in delete]
    return " ".join(said)


def _saved(row):
    match row:
        case AvailabilityRule():
            return _("Opening hours of %(host)s: %(hours)s.") % _about(row)
        case AvailabilityException():
            return _("%(host)s: %(hours)s.") % _about(row)
        case Closure(is_overridden=True):
            return _("%(who)s open: %(when)s.") % _closed(row)
        case Office(status=OfficeStatus.CLOSED):
            return _("%(who)s closed for good.") % {"who": row}
        case Host(is_active=False):
            return _("%(who)s offers no times any more.") % {"who": row}
        case Office() | Host():
            return _("%(who)s: settings changed.") % {"who": row}
    return _("%(who)s closed: %(when)s.") % _closed(row)


def _deleted(row):
    match row:
        case AvailabilityRule():
            return _("Opening hours of %(host)s deleted: %(hours)s.") % _about(row)
        case AvailabilityException():
            return _("%(host)s: deleted: %(hours)s.") % _about(row)
    return _("%(who)s open again: %(when)s.") % _closed(row)


def _about(row):
    return {"host": row.host, "hours": row}


def _closed(closure):
    when = stretch(closure.starts_at, closure.ends_at, closure.office)
    return {"who": closure.host or closure.office, "when": when}
