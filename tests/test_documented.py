"""The README's companions name what the code has."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_variable_is_in_the_example_and_no_other():
    code = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_0-9]+)"', code))
    read |= set(re.findall(r'environ\.get\("([A-Z_0-9]+)"\)', code)) - {"ENV_FILE"}

    example = (ROOT / ".env.example").read_text()
    documented = re.findall(r"^#?([A-Z_0-9]+)=", example, re.MULTILINE)

    assert sorted(documented) == sorted(read - {"ENV_FILE"})


def test_the_operators_manual_explains_every_variable_and_no_other():
    manual = (ROOT / "docs/operations/configure.md").read_text()
    explained = re.findall(r"^\| `([A-Z_0-9]+)` \|", manual, re.MULTILINE)

    example = (ROOT / ".env.example").read_text()
    documented = re.findall(r"^#?([A-Z_0-9]+)=", example, re.MULTILINE)

    assert sorted(explained) == sorted(documented)
