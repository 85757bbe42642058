"""A wrong or missing variable stops the start with a sentence that names it."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "x" * 60,
    "FRONTEND_HOST": "https://appointments.example.org",
    "MAIL_SERVER": "mail.example.org",
    "MAIL_FROM": "Town <town@example.org>",
    "DATABASE_URL": "postgresql://u:p@db/appointments",
    "REDIS_URL": "redis://cache:6379/3",
}


@pytest.fixture
def load(monkeypatch, tmp_path):
    """Load the settings under other variables than the tests' own."""

    def load(**variables):
        for name in ("SECRET_KEY", "REDIS_URL"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "config" / "settings.py"))

    return load


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "prod"),
        ("DEBUG", "ture"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("WEB_WORKERS", "0"),
        ("CACHE_TTL", "-1"),
        ("LOG_LEVEL", "loud"),
        ("FRONTEND_HOST", "localhost"),
        ("FRONTEND_HOST", "ftp://example.org"),
        ("DATABASE_URL", "mysql://u:p@h/d"),
        ("DATABASE_URL", "postgresql://u:p@h:port/d"),
        ("DATABASE_URL", "postgresql://u:p@h"),
        ("REDIS_URL", "http://h:6379"),
        ("CORS_ORIGINS", "[1]"),
        ("CORS_ORIGINS", "["),
        ("ANYMAIL", "key"),
        ("ANYMAIL", "[]"),
        ("SMS_PROVIDER", "pigeon"),
        ("RATE_LIMIT_ENABLED", "perhaps"),
        ("RATE_LIMIT_WINDOW", "0"),
        ("SECRET_KEY_FILE", "/nowhere"),
        ("DATABASE_POOL_SIZE", "1.5"),
        ("PROXY_COUNT", "one"),
        ("MAIL_FROM", "Town"),
        ("POSTGRES_PORT", "5432"),
        ("REDIS_PASSWORD", "secret"),
        ("MAIL_PORT", "25"),
        ("SENTRY_DSN", "sentry"),
        ("SENTRY_DSN", "https://sentry.example.org/1"),
        ("SENTRY_DSN", "https://key@sentry.example.org/"),
        ("METRICS_TOKEN", "fifteen-letters"),
        ("API_V1_STR", "/"),
        ("API_V1_STR", "/api//v1"),
        ("API_V1_STR", "api v1"),
        ("API_V1_STR", "/api/../v1"),
        ("API_V1_STR", "/api/<name>"),
        ("API_V1_STR", "https://example.org/api"),
    ],
)
def test_a_wrong_variable_is_named(load, name, value):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name}.*\.$"):
        load(**{name: value})


@pytest.mark.parametrize("name", ["SECRET_KEY", "FRONTEND_HOST", "MAIL_FROM"])
def test_production_needs(load, name):
    given = {key: value for key, value in PRODUCTION.items() if key != name}

    with pytest.raises(ImproperlyConfigured, match=f"^{name} is not set"):
        load(**given)


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_key_that_can_be_guessed_is_none(load, environment):
    given = {**PRODUCTION, "ENVIRONMENT": environment, "SECRET_KEY": "x" * 49}

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY has 49 characters"):
        load(**given)


@pytest.mark.parametrize("name", ["POSTGRES_USER", "POSTGRES_DB"])
def test_a_server_needs(load, name):
    given = {"POSTGRES_SERVER": "db", "POSTGRES_USER": "u", "POSTGRES_DB": "d"}
    del given[name]

    with pytest.raises(ImproperlyConfigured, match=f"^{name} is not set"):
        load(**given)


def test_nothing_set_means_embedded_services(load, tmp_path):
    settings = load()

    database = settings["DATABASES"]["default"]
    assert database["HOST"] == str(tmp_path / "run")
    assert settings["CACHES"]["default"]["LOCATION"] == (
        f"unix://{tmp_path}/run/valkey.sock?db=1"
    )
    assert settings["CELERY_BROKER_URL"] == (
        f"redis+socket://{tmp_path}/run/valkey.sock?virtual_host=0"
    )
    assert settings["DATABASE_IS_EMBEDDED"]
    assert settings["REDIS_IS_EMBEDDED"]


def test_parts_make_an_address(load):
    settings = load(
        POSTGRES_SERVER="db",
        POSTGRES_USER="u",
        POSTGRES_PASSWORD="p@ss",
        POSTGRES_DB="d",
        REDIS_HOST="cache",
        REDIS_PORT="6380",
        REDIS_PASSWORD="p@ss",
    )

    database = settings["DATABASES"]["default"]
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5432, "d")
    assert database["PASSWORD"] == "p@ss"
    assert settings["REDIS_URL"] == "redis://:p%40ss@cache:6380/0"
    assert not settings["DATABASE_IS_EMBEDDED"]


def test_production_is_strict_about_cookies_and_transport(load):
    settings = load(**PRODUCTION)

    assert settings["ALLOWED_HOSTS"] == ["appointments.example.org"]
    assert settings["SESSION_COOKIE_SECURE"]
    assert settings["CSRF_COOKIE_SECURE"]
    assert settings["SECURE_SSL_REDIRECT"]
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert not settings["DEBUG"]
    assert settings["CACHES"]["default"]["LOCATION"] == "redis://cache:6379?db=4"


def test_a_secret_may_lie_in_a_file(load, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("from a file\n")

    assert load(SECRET_KEY_FILE=str(secret))["SECRET_KEY"] == "from a file"


def test_a_secret_that_is_said_twice_is_refused(load):
    told = "^METRICS_TOKEN and METRICS_TOKEN_FILE are both set. Set one of them.$"

    with pytest.raises(ImproperlyConfigured, match=told):
        load(METRICS_TOKEN="x" * 16, METRICS_TOKEN_FILE="/run/secrets/token")


@pytest.mark.parametrize("text", ["api/v1", "/api/v1", "/api/v1/"])
def test_where_the_api_is_may_be_said_with_or_without_slashes(load, text):
    assert load(API_V1_STR=text)["API_V1_STR"] == "/api/v1"


def test_the_local_secret_key_is_made_once_and_private(load, tmp_path):
    first = load()["SECRET_KEY"]

    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "secret_key").read_text() == first


@pytest.mark.parametrize("text", ["a.org, b.org", '["a.org", "b.org"]'])
def test_a_list_is_json_or_commas(load, text):
    assert load(ALLOWED_HOSTS=text)["ALLOWED_HOSTS"] == ["a.org", "b.org"]


def test_a_command_says_one_sentence(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path), "CACHE_TTL": "soon"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (
        1,
        "check: CACHE_TTL is 'soon'; it must be a whole number from 0 up.\n",
    )


def test_behind_pgbouncer_nothing_is_kept_in_a_session(load):
    database = load(DATABASE_PGBOUNCER="true", DATABASE_POOL_SIZE="2")["DATABASES"]

    options = database["default"]["OPTIONS"]
    assert "options" not in options  # limits that a session would begin with
    assert options["prepare_threshold"] is None
    assert options["pool"] == {
        "min_size": 1,
        "max_size": 2,
        "timeout": 5,
        "reconnect_timeout": 5,
    }
    assert database["default"]["DISABLE_SERVER_SIDE_CURSORS"] is True


def test_static_files_may_lie_elsewhere(load):
    assert load(STATIC_ROOT="/app/collected")["STATIC_ROOT"] == Path("/app/collected")
