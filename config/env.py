"""Environment variables, read strictly.

django-environ reads `.env` and mounted secrets (`NAME_FILE`); what it is lenient
about, a misspelt "ture" or an empty value, is refused here with a sentence that
names the variable. An empty variable counts as a missing one.
"""

import json
import os
import re
from email.utils import parseaddr
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator
from environ.fileaware_mapping import FileAwareMapping

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
PREFIX = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")


class FileAwareEnv(environ.FileAwareEnv):
    ENVIRON = FileAwareMapping(cache=False)


class Environment:
    def __init__(self):
        self._env = FileAwareEnv()

    def read_file(self, path):
        """Add what a `.env` file says, where the environment says nothing."""
        self._env.read_env(path)

    def text(self, name, default=None):
        """Return the value, or the default; None as default makes it required."""
        value = self._read(name)
        if value:
            return value
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set; it has no default here.")
        return default

    def number(self, name, default, *, least=0, most=None):
        value = self.text(name, str(default))
        if value.isdecimal() and least <= int(value) <= (most or int(value)):
            return int(value)
        range_ = f"from {least} to {most}" if most else f"from {least} up"
        raise ImproperlyConfigured(
            f"{name} is {value!r}; it must be a whole number {range_}."
        )

    def flag(self, name, default):
        value = self.text(name, str(default)).lower()
        if value not in TRUE | FALSE:
            raise ImproperlyConfigured(f"{name} is {value!r}; say true or false.")
        return value in TRUE

    def secret(self, name, *, least):
        """Read what nobody may guess; "" where there is none."""
        value = self.text(name, "")
        if 0 < len(value) < least:
            raise ImproperlyConfigured(
                f"{name} has {len(value)} characters; it must have {least}. Make one "
                "with: python -c 'import secrets; print(secrets.token_urlsafe(32))'."
            )
        return value

    def prefix(self, name, default):
        """Read the beginning of paths, like /api/v1; without a slash at its end."""
        value = "/" + self.text(name, default).strip("/")
        if not PREFIX.fullmatch(value):
            raise ImproperlyConfigured(
                f"{name} is {value!r}; it must be the beginning of a path, like "
                f"{default}: letters, digits, dots, hyphens and slashes."
            )
        return value

    def choice(self, name, default, choices):
        value = self.text(name, default)
        if value not in choices:
            allowed = ", ".join(choices)
            raise ImproperlyConfigured(f"{name} is {value!r}; choose from: {allowed}.")
        return value

    def items(self, name, default=()):
        """Read a list, written as JSON or parted by commas."""
        value = self.text(name, "")
        if not value:
            return list(default)
        if not value.startswith("["):
            return [item.strip() for item in value.split(",") if item.strip()]
        items = self._json(name, value)
        if not all(isinstance(item, str) for item in items):
            raise ImproperlyConfigured(f"{name} must be a list of strings.")
        return items

    def mapping(self, name):
        """Read a JSON object; nothing is an empty one."""
        value = self._json(name, self.text(name, "{}"))
        if not isinstance(value, dict):
            raise ImproperlyConfigured(f"{name} must be a JSON object.")
        return value

    def url(self, name, default=None, *, schemes):
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            usable = parts.scheme in schemes and parts.port != 0
        except ValueError:
            usable = False
        if not usable or not (parts.hostname or parts.path):
            allowed = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(f"{name} must be a URL that begins {allowed}.")
        return value

    def sentry(self, name):
        """Read where errors are reported to: https://key@host/number."""
        if name not in self:
            return ""
        value = self.url(name, schemes=["https", "http"])
        parts = urlsplit(value)
        if not parts.username or not parts.path.rpartition("/")[2].isdecimal():
            raise ImproperlyConfigured(
                f"{name} must be Sentry's address of a project: https://key@host/number."
            )
        return value

    def mailbox(self, name, default=None):
        """Read a sender like `Town of Musterstadt <appointments@example.org>`."""
        value = self.text(name, default)
        address = parseaddr(value)[1]
        try:
            EmailValidator(allowlist=["localhost"])(address)
        except ValidationError as error:
            raise ImproperlyConfigured(
                f"{name} is {value!r}; say Name <name@example.org>."
            ) from error
        return value

    def database(self, name):
        """Read a PostgreSQL URL as one of Django's DATABASES."""
        url = self.url(name, schemes=["postgres", "postgresql"])
        config = self._env.db_url_config(url)
        if not config["NAME"]:
            raise ImproperlyConfigured(f"{name} names no database after the last '/'.")
        return config

    def refuse_without(self, needed, names):
        """Refuse what says more of a service that is not named itself."""
        for name in names:
            if name in self:
                raise ImproperlyConfigured(
                    f"{name} is set, but {needed} is not. Set {needed} too."
                )

    def __contains__(self, name):
        return bool(self._read(name))

    def _read(self, name):
        if os.environ.get(name) and os.environ.get(f"{name}_FILE"):
            raise ImproperlyConfigured(
                f"{name} and {name}_FILE are both set. Set one of them."
            )
        try:
            return self._env.ENVIRON.get(name, "").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE cannot be read: {error.filename}: {error.strerror}."
            ) from error

    @staticmethod
    def _json(name, value):
        try:
            return json.loads(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} is not valid JSON: {error}.") from error
