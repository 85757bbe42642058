"""Noting what became of what was sent, in a database that may be restarting."""

import time

import structlog
from django.db import InterfaceError, OperationalError, connection

# Seconds between tries: in all, and with the sending, less than a lease lasts.
PAUSES = [0, 1, 2, 4, 8, 15, 30, 30, 30, 30]

logger = structlog.get_logger(__name__)


def note(rows, **fields):
    """Update some rows (a queryset); returns how many. In no transaction.

    A database that is away for a moment is waited for: what a provider has taken,
    and nobody has noted, would be sent again. Raises what the last try raises.
    """
    for pause in PAUSES:
        try:
            return rows.update(**fields)
        except (OperationalError, InterfaceError) as error:
            logger.warning("outcome_not_noted", error=str(error), again_in=pause)
            connection.close()
            time.sleep(pause)
    return rows.update(**fields)
