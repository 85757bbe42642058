"""The Dockerfile and the Compose files, read as Docker reads them."""

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
FILES = ["docker-compose.prod.yml", "docker-compose.yml"]

# Services of others: their variables are theirs.
FOREIGN = {"adminer", "db", "mailpit", "pgbouncer", "proxy", "valkey"}

VARIABLE = re.compile(r"\$\$|\$\{([A-Z_]+)(?:(:?[-?])([^}]*))?\}")


def example(path):
    """The variables that an example of an environment file has, set or not."""
    lines = (ROOT / path).read_text()
    return dict(re.findall(r"^#?([A-Z_0-9]+)=(.*)", lines, re.MULTILINE))


def production_environment(*, behind_pgbouncer=False):
    """What deploy/production.env.example sets; behind PgBouncer, all that it has."""
    text = (ROOT / "deploy/production.env.example").read_text()
    found = re.findall(r"^(#?)([A-Z_0-9]+)=(.*)", text, re.MULTILINE)
    return {name: value for mark, name, value in found if behind_pgbouncer or not mark}


def compose(name, variables=None):
    """A Compose file with its variables put in and its anchors merged."""

    def value(match):
        if match[0] == "$$":
            return "$"
        found = (variables or {}).get(match[1], "")
        return found or (match[3] or "" if "-" in (match[2] or "") else "")

    return yaml.safe_load(VARIABLE.sub(value, (ROOT / name).read_text()))


def asked(name):
    """The variables that a Compose file asks its operator for."""
    found = VARIABLE.finditer((ROOT / name).read_text())
    return {match[1] for match in found if match[1]}


def instructions(path="Dockerfile"):
    """Each instruction of the Dockerfile with its arguments, lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / path).read_text(), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def stages():
    """The instructions of each stage, first to last, without what stands before."""
    found = []
    for word, arguments in instructions():
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, arguments))
    return found


def copies(stage):
    """(sources, target) of what a stage copies out of the project."""
    for word, arguments in stage:
        if word == "COPY" and "--from" not in arguments:
            *sources, target = shlex.split(arguments)
            yield sources, target


def is_sent(path):
    """Whether .dockerignore lets Docker see a path, seen from the project's root."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern, keeps = line.removeprefix("!"), line.startswith("!")
            if _matches(path, pattern):
                sent = keeps
    return sent


def _matches(path, pattern):
    parts = Path(path).parts
    if pattern.startswith("**/"):
        return any(fnmatch(part, pattern[3:]) for part in parts)
    return fnmatch(parts[0], pattern)
