import pytest


@pytest.fixture(autouse=True)
def _unlimited(settings):
    """Tests send more forms a minute than people do."""
    settings.RATELIMIT_ENABLE = False
