import pytest
from django.core.cache import cache

from notifications.tests.post_office import PostOffice


@pytest.fixture(autouse=True)
def no_outage():
    """Whatever providers did in another test."""
    cache.clear()


@pytest.fixture
def post_office():
    """A running SMTP server."""
    office = PostOffice()
    office.start()
    yield office
    office.stop()


@pytest.fixture
def by_smtp(settings, post_office):
    """Have this process send its mail there, without much patience."""
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": post_office.hostname,
                "port": post_office.port,
                "timeout": 0.5,
            },
        }
    }
    return post_office
