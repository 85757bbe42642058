"""A real browser: pages at phone width, with and without JavaScript."""

import pytest
from playwright.sync_api import sync_playwright

from e2e.chromium import launch

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="package")
def browser():
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        # Playwright's loop lives in this thread; Django would refuse its database.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
            yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser, live_server):
    """Open a page of a browser of its own; say what it is like, as Playwright does."""
    contexts = []

    def open_page(**options):
        context = browser.new_context(
            base_url=live_server.url, **{"viewport": PHONE, "locale": "en-GB"} | options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page):
    return new_page()


@pytest.fixture
def page_without_js(new_page):
    return new_page(java_script_enabled=False)
