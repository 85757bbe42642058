"""What is said of a database that cannot at present, and is remembered of it."""

import psycopg
import structlog
from django.db import Error, InterfaceError, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout, ReadOnlySqlTransaction

from config import disks, logs

AWAY = (
    *(OperationalError, InterfaceError),
    *(psycopg.OperationalError, psycopg.InterfaceError),  # the pool's are such, too
    *(IdleInTransactionSessionTimeout, ReadOnlySqlTransaction),
)

logger = structlog.get_logger(__name__)


def is_one(error):
    """Whether it is the database that cannot now, rather than we who asked wrongly.

    If so, that is logged; nothing was changed, and the same request will do later.
    """
    found = behind(error)
    if found is None:
        return False
    logger.warning("database_unavailable", error=logs.told(found))
    disks.note(found)
    return True


def behind(error):
    """The error that says so, or None.

    That is another one where more came of it: a transaction that is lost takes no
    further statements.
    """
    while isinstance(error, Error | psycopg.Error):
        if isinstance(error, AWAY) or isinstance(error.__cause__, AWAY):
            return error
        error = error.__cause__ or error.__context__
    return None
