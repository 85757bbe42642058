"""Docker's part, played without Docker: the Dockerfile's steps in a folder.

What is `/app` in the image is `app` in the folder, and so on. Steps that make an
account need a system of their own and are left out.
"""

import os
import re
import shutil
import subprocess

from tests.deployment import ROOT, copies, is_sent, stages

PLACES = re.compile(r"(?<![\w./])/(opt/venv|app|data)\b")


class Image:
    """The result of the Dockerfile's steps below one folder."""

    def __init__(self, root):
        self.root = root
        self.environment = {}

    def place(self, text):
        """The text with each path of the image as it is here."""
        return PLACES.sub(rf"{self.root}/\1", text)

    def build(self):
        """Do all steps; copying from stage to stage is needless in one folder."""
        (self.root / "data").mkdir(mode=0o750)
        self._lend_python()
        for stage in stages():
            self._variables(stage)
            self._steps(stage)

    def is_open_to_others(self):
        """Whether another account may use this Python: one below /root is shut."""
        python = (self.root / "opt/venv/bin/python").resolve()
        return all(parent.stat().st_mode & 0o001 for parent in python.parents)

    def files(self):
        """What the image has, beside /data, and when it was last written."""
        tops = (self.root / "app", self.root / "opt")
        found = (path for top in tops for path in top.rglob("*") if path.is_file())
        return {path: path.stat().st_mtime_ns for path in found}

    def _lend_python(self):
        (self.root / "bin").mkdir()
        python = subprocess.run(
            [ROOT / "scripts/find-python"], capture_output=True, text=True, check=True
        ).stdout.strip()
        lent = self.root / "bin/python"  # no link: a venv would look beside it
        lent.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        lent.chmod(0o755)

    def _variables(self, stage):
        for word, arguments in stage:
            if word == "ENV":
                found = re.findall(r"(\w+)=(\S+)", self.place(arguments))
                self.environment |= dict(found)
        path = f"{self.root}/opt/venv/bin:{self.root}/bin:{os.environ['PATH']}"
        self.environment["PATH"] = path

    def _steps(self, stage):
        done = {id(sources): (sources, to) for sources, to in copies(stage)}
        copied = iter(done.values())
        for word, arguments in stage:
            if word == "COPY" and "--from" not in arguments:
                self._copy(*next(copied))
            elif word == "RUN" and not arguments.startswith("groupadd"):
                self.run(["sh", "-c", self.place(arguments)])

    def _copy(self, sources, target):
        assert target == "./"
        for path in listed():
            wanted = "." in sources or path in sources
            if wanted and is_sent(path):
                to = self.root / "app" / path
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path, to)

    def run(self, command, variables=None, **options):
        return subprocess.run(
            command, **self.how(variables or {}), check=True, **options
        )

    def how(self, variables):
        """What subprocess needs to have a command see the image, and only that."""
        (self.root / "app").mkdir(exist_ok=True)
        placed = {name: self.place(str(value)) for name, value in variables.items()}
        return {"cwd": self.root / "app", "env": self.environment | placed}


def listed():
    """The project's files, those that are not committed yet among them."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in done.stdout.splitlines() if (ROOT / path).is_file()]
