"""What Docker is told is whole and guarded, as far as can be seen without Docker."""

import json
import re
import runpy
import subprocess
from importlib.resources import files

import pytest
from django.core.management import get_commands
from jsonschema import Draft7Validator

from config.serve import commands
from tests.deployment import (
    FILES,
    FOREIGN,
    ROOT,
    asked,
    compose,
    copies,
    example,
    instructions,
    is_sent,
    production_environment,
    stages,
)

PROD = "docker-compose.prod.yml"
ONE_OFF = {"migrate", "prepare", "ready"}

# Asked of the operator by the Compose files alone; the site never sees them used.
OF_COMPOSE = {"ADMINER_PORT", "IMAGE", "MAILPIT_PORT", "POSTGRES_DB_WEB", "SECRETS_DIR"}
OF_COMPOSE.add("VERSION")


def services(name, **options):
    return compose(name, production_environment(**options))["services"]


ALL = [(file, name) for file in FILES for name in sorted(services(file))]
OURS = [(file, name) for file, name in ALL if name not in FOREIGN]
IN_PRODUCTION = sorted(services(PROD))


def service(file, name):
    return services(file)[name]


@pytest.mark.parametrize("file", FILES)
def test_it_obeys_the_compose_specification(file):
    schema = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    validator = Draft7Validator(json.loads(schema.read_text()))

    found = [error.message for error in validator.iter_errors(compose(file))]

    assert found == []


@pytest.mark.parametrize("file", FILES)
def test_what_is_named_is_there(file):
    whole = compose(file)
    for each in whole["services"].values():
        assert set(each.get("depends_on", ())) <= set(whole["services"])
        assert set(each.get("secrets", ())) <= set(whole.get("secrets", ()))
        assert set(each.get("networks", ())) <= set(whole.get("networks", ()))
        for volume in each.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_file(), source
            else:
                assert source in whole["volumes"]


@pytest.mark.parametrize("file", FILES)
def test_nobody_waits_for_health_that_is_never_asked(file):
    found = services(file)
    for each in found.values():
        for name, wait in each.get("depends_on", {}).items():
            asks = found[name].get("healthcheck", {}).get("disable") is not True
            has_one = "healthcheck" in found[name] or "build" in found[name]
            has_one = has_one or name == "web"  # the image asks
            if wait["condition"] == "service_healthy":
                assert asks, name
                assert has_one, name
            if wait["condition"] == "service_completed_successfully":
                assert name in ONE_OFF


@pytest.mark.parametrize(("file", "name"), OURS)
def test_each_variable_is_known_to_the_settings(file, name):
    known = set(example(".env.example"))

    given = set(service(file, name)["environment"])

    assert {each.removesuffix("_FILE") for each in given} - known == set()


@pytest.mark.parametrize("file", FILES)
def test_each_variable_of_the_operator_is_known(file):
    assert asked(file) - set(example(".env.example")) <= OF_COMPOSE


def test_the_example_for_production_has_known_variables():
    given = set(example("deploy/production.env.example"))

    assert given - set(example(".env.example")) <= OF_COMPOSE


@pytest.mark.parametrize(("file", "name"), OURS)
def test_the_settings_take_what_is_given(file, name, monkeypatch, tmp_path):
    for secret in compose(PROD)["secrets"]:
        (tmp_path / secret).write_text(
            f"{secret}, fifty characters or rather more of them!"
        )
    given = {"REDIS_URL": "", "SECRET_KEY": "", "DATA_DIR": str(tmp_path)}
    if file == PROD:
        given |= production_environment()
    given |= service(file, name)["environment"]
    for variable, value in given.items():
        monkeypatch.setenv(variable, str(value).replace("/run/secrets", str(tmp_path)))
    if "SECRET_KEY_FILE" in given:
        monkeypatch.delenv("SECRET_KEY")

    loaded = runpy.run_path(str(ROOT / "config" / "settings.py"))

    database = loaded["DATABASES"]["default"]
    assert (database["HOST"], database["NAME"]) == ("db", "appointments")
    assert loaded["ENVIRONMENT"] == given["ENVIRONMENT"]
    assert loaded["MAIL_SERVER"] == given.get("MAIL_SERVER")
    if file == PROD:
        assert database["PASSWORD"].startswith("postgres_password, fifty")
        assert loaded["SECRET_KEY"].startswith("secret_key, fifty")
        assert ":redis_password" in loaded["REDIS_URL"]


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("beat", "pgbouncer:6432/appointments, true"),
        ("migrate", "db:5432/appointments, false"),
        ("web", "pgbouncer:6432/appointments_web, true"),
    ],
)
def test_all_but_migrations_go_through_pgbouncer(name, where):
    given = services(PROD, behind_pgbouncer=True)[name]["environment"]

    text = "{POSTGRES_SERVER}:{POSTGRES_PORT}/{POSTGRES_DB}, {DATABASE_PGBOUNCER}"
    assert text.format(**given).lower() == where


@pytest.mark.parametrize(("file", "name"), OURS)
def test_each_command_is_one_of_ours(file, name):
    dockerfile = dict(stages()[-1])
    command = service(file, name).get("command") or json.loads(dockerfile["CMD"])

    if command[1] == "manage.py":
        assert command[2] in get_commands()
    else:
        assert command[:3] == ["python", "-m", "config.serve"]
        assert command[3] in {*commands(), "say"}


@pytest.mark.parametrize("name", IN_PRODUCTION)
def test_each_service_in_production_is_guarded(name):
    each = service(PROD, name)

    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each["security_opt"] == ["no-new-privileges:true"]
    assert set(each["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert each["logging"]["options"] == {"max-size": "10m", "max-file": "5"}
    assert each["restart"] == ("no" if name in ONE_OFF else "unless-stopped")
    assert "privileged" not in each
    assert ("ports" in each) == (name == "proxy")
    assert not any("docker.sock" in volume for volume in each.get("volumes", ()))
    if name not in {"web", *ONE_OFF}:  # the image asks `web`
        assert "test" in each["healthcheck"]


@pytest.mark.parametrize("name", IN_PRODUCTION)
def test_who_changes_its_user_has_no_init_that_could_not_signal_it(name):
    each = service(PROD, name)
    changes_user = "SETUID" in each.get("cap_add", ())

    assert each["init"] is not changes_user


def test_production_has_as_many_of_each_as_it_should():
    found = services(PROD)
    counts = {name: each["deploy"].get("replicas", 1) for name, each in found.items()}

    assert counts | {"web": 3, "worker": 2, "beat": 1, "webhooks": 1} == counts
    assert compose(PROD)["networks"]["inside"] == {"internal": True}
    assert found["db"]["networks"] == ["inside"]
    assert found["valkey"]["networks"] == ["inside"]


def test_the_shell_that_reads_a_password_gives_way_to_the_service():
    assert services(PROD)["valkey"]["command"][2].startswith("exec valkey-server ")


def test_no_secret_stands_in_the_file_for_production():
    for name, each in services(PROD).items():
        secret = re.compile(r"(PASSWORD|SECRET|KEY|TOKEN)$")
        given = [key for key in each.get("environment", {}) if secret.search(key)]
        assert given == [], name


def test_no_service_asks_for_more_processors_than_two():
    # Docker refuses to make a container with more than the machine has.
    for name, each in services(PROD).items():
        assert float(each["deploy"]["resources"]["limits"]["cpus"]) <= 2, name


@pytest.mark.parametrize("file", FILES)
def test_each_image_is_built_by_one_service(file):
    # Compose builds all at once; two that write one name fail where it is new.
    images = [each["image"] for each in services(file).values() if "build" in each]

    assert images == [service(file, "web")["image"]]


def test_the_proxy_is_given_the_time_that_it_takes_to_end():
    text = (ROOT / "deploy/Caddyfile").read_text()
    grace = int(re.search(r"grace_period (\d+)s", text)[1])

    given = service(PROD, "proxy")["stop_grace_period"]

    assert int(given.removesuffix("s")) > grace


def test_the_site_at_home_says_the_port_that_it_is_at():
    at = {"PORT": "9000"}

    ready = compose("docker-compose.yml", at)["services"]["ready"]["environment"]

    assert str(ready["PORT"]) == "9000"
    assert ready["FRONTEND_HOST"] == "http://localhost:9000"


def test_ports_at_home_are_for_this_machine_alone():
    for each in services("docker-compose.yml").values():
        assert all(port.startswith("127.0.0.1:") for port in each.get("ports", ()))


def test_what_the_image_copies_is_there_and_sent():
    for stage in stages():
        for sources, _target in copies(stage):
            for source in sources:
                assert (ROOT / source).exists()
                assert source == "." or is_sent(source)


def test_the_image_has_the_code_and_nothing_else():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    sent = {path for path in listed if is_sent(path)}

    assert {path.partition("/")[0] for path in sent} == {
        *("accounts", "appointments", "availability", "config", "locale"),
        *("notifications", "offices", "static", "templates"),
        *("manage.py", "requirements.txt"),
    }
    assert not any("/tests/" in path for path in sent)
    for path in (".env", "secrets/secret_key", ".git/config", ".data/secret_key"):
        assert not is_sent(path)


def test_the_image_runs_as_nobody_in_particular():
    last = dict(stages()[-1])

    assert last["USER"] == "10001:10001"
    assert json.loads(last["CMD"]) == ["python", "-m", "config.serve", "web"]
    assert last["HEALTHCHECK"].endswith('["python", "-m", "config.probe", "web"]')
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert "${VERSION}" in last["LABEL"]


def test_the_image_names_one_python_only():
    froms = [arguments for word, arguments in instructions() if word == "FROM"]

    assert {each.split()[0] for each in froms} == {"python:${PYTHON}-slim-trixie"}
    assert ("ARG", "PYTHON=3.13") in instructions()
