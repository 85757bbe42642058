"""The API's readable documentation works under our own security policy."""

import pytest


@pytest.mark.django_db
def test_the_documentation_shows_every_operation(page, live_server):
    refused = []
    page.on("console", lambda line: refused.append(line.text))

    page.goto(f"{live_server.url}/docs")
    page.get_by_text("/api/v1/auth/login").wait_for()
    page.get_by_text("/api/v1/auth/login").click()
    page.get_by_text("Exchange address and password").wait_for()

    assert refused == []
