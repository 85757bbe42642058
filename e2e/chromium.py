"""The Chromium that is installed, or else Playwright's own (scripts/find-browser)."""

import os
import shutil

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def launch(playwright):
    """A browser without a window."""
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=installed, args=FLAGS + as_root)
