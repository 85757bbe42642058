"""A command that cannot work ends in one sentence that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

ROOT = Path(__file__).resolve().parent.parent.parent


def manage(*arguments, **variables):
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr.strip()


def test_a_new_database_is_to_be_migrated_first(scratch_dir):
    status, said = manage(
        "generate_slots",
        DATA_DIR=str(scratch_dir / "data"),
        DJANGO_SETTINGS_MODULE="config.settings",
    )

    assert (status, said) == (
        1,
        "generate_slots: The database is not set up for this version. "
        "Run “manage.py migrate” first.",
    )


@pytest.mark.parametrize("command", ["check", "generate_slots"])
def test_a_data_directory_that_cannot_be_made_is_named(command, monkeypatch):
    monkeypatch.delenv("SECRET_KEY")  # so that one is to be made, and kept there

    status, said = manage(
        command, DATA_DIR="/proc/none", DJANGO_SETTINGS_MODULE="config.settings"
    )

    assert (status, said) == (
        1,
        f"{command}: DATA_DIR (/proc/none) cannot be made: No such file or directory.",
    )


def test_no_command_has_a_method_that_django_calls_otherwise():
    """`call_command` leaves `check` out, so that its tests would not see it."""
    ours = [
        load_command_class(app, name)
        for name, app in get_commands().items()
        if (ROOT / str(app)).is_dir()
    ]

    assert ours
    for command in ours:
        assert type(command).check is BaseCommand.check, command
