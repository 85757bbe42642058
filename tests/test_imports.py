"""Apps import only what stands below them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = [
    "config",
    "accounts",
    "offices",
    "availability",
    "appointments",
    "notifications",
]
COMPOSITION_ROOT = {"config/urls.py", "config/celery.py"}  # these see every app


def imported_apps(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_nothing_above_it(app):
    above = set(APPS[APPS.index(app) + 1 :])
    modules = [
        path
        for path in (ROOT / app).rglob("*.py")
        if "tests" not in path.parts
        and str(path.relative_to(ROOT)) not in COMPOSITION_ROOT
    ]

    upward = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules
        for name in above.intersection(imported_apps(path))
    }

    assert upward == set()
