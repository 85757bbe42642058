"""The project's settings, with what only costs time in tests made cheap.

Each xdist worker, and what it starts, has two Redis databases of its own.
"""

import os

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["REDIS_URL"] = (
    f"unix://{os.environ['DATA_DIR']}/run/valkey.sock?db={2 * WORKER}"
)

from config.settings import *  # noqa: E402, F403

# After a test that commits, all tables are emptied, also those that are only added to.
# Behind PgBouncer there are no options of a session, and what runs there empties none.
if not DATABASE_PGBOUNCER:  # noqa: F405
    DATABASES["default"]["OPTIONS"]["options"] += (  # noqa: F405
        " -c offices.forgetting=all -c appointments.forgetting=all"
    )
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # no collected files to look for
API_RATE_LIMIT = RATE_LIMIT = "100000/60s"
WRONG_PASSWORDS_PER_ACCOUNT = WRONG_PASSWORDS_PER_ACCOUNT_AND_DAY = (100000, 60)
WRONG_PASSWORDS_PER_NETWORK = (100000, 60)
FORM_FILL_SECONDS = 0  # tests are fast
