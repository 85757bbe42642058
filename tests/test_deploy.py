"""A production installation, as its operator would set it up, passes every check."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.django_db
def test_production_settings_raise_no_warning():
    database = connection.settings_dict
    production = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENVIRONMENT": "production",
        "SECRET_KEY": "rN3-" * 16 + "9fKq_Zx",
        "FRONTEND_HOST": "https://appointments.example.org",
        "PROXY_COUNT": "1",
        "MAIL_SERVER": "mail.example.org",
        "MAIL_FROM": "Town <town@example.org>",
        "DATABASE_URL": f"postgresql:///{database['NAME']}"
        f"?host={database['HOST']}&user=postgres",
        "REDIS_URL": settings.REDIS_URL,
        "TOTP_REQUIRED_ROLES": "manager,superuser",
    }

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=os.environ | production,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.django_db
def test_migrations_say_all_that_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
