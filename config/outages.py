"""What is said of a database that cannot at present, and is remembered of it."""

import structlog
from django.db import InterfaceError, OperationalError
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import PoolTimeout

from config import disks, logs

logger = structlog.get_logger(__name__)


def is_one(error):
    """Whether it is the database that cannot now, rather than we who asked wrongly.

    If so, that is logged; nothing was changed, and the same request will do later.
    """
    is_away = isinstance(error, OperationalError | InterfaceError | PoolTimeout)
    if not is_away and not isinstance(error.__cause__, ReadOnlySqlTransaction):
        return False
    logger.warning("database_unavailable", error=logs.told(error))
    disks.note(error)
    return True
