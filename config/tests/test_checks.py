import pytest
from django.core.checks import run_checks

# Some of Django's own checks ask the database for its version.
pytestmark = pytest.mark.django_db


def found(**how):
    messages = run_checks(**how)
    return {message.id for message in messages if message.id.startswith("config.")}


def test_the_defaults_are_sound():
    assert found() == set()


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"FRONTEND_HOST": "http://elsewhere.org"}, {"config.E001"}),
        ({"FRONTEND_HOST": "http://localhost/town"}, {"config.E012"}),
        ({"FRONTEND_HOST": "http://me@localhost"}, {"config.E012"}),
        ({"ENVIRONMENT": "production"}, {"config.E002", "config.W009"}),
        ({"OVER_HTTPS": True}, {"config.W003"}),
        ({"OVER_HTTPS": True, "PROXY_COUNT": 1}, set()),
        ({"DEBUG": True, "ON_A_DESK": False}, {"config.E004", "config.E005"}),
        ({"ON_A_DESK": False, "MAIL_SERVER": "mail"}, set()),
        ({"EMAIL_PROVIDER": "postmark"}, {"config.E013"}),
        (
            {
                "EMAIL_PROVIDER": "postmark",
                "ANYMAIL": {"POSTMARK_SERVER_TOKEN": "token"},
            },
            set(),
        ),
        ({"EMAIL_PROVIDER": "pigeon"}, {"config.E006"}),
        ({"SMS_ENABLED": True, "SMS_PROVIDER": "twilio"}, {"config.E007"}),
        ({"WEBHOOK_ALLOW_PRIVATE": True}, set()),
        (
            {"WEBHOOK_ALLOW_PRIVATE": True, "ENVIRONMENT": "staging"},
            {"config.E010"},
        ),
        ({"API_V1_STR": "/admin"}, {"config.E016"}),
        ({"API_V1_STR": "/book/v1"}, {"config.E016"}),
        ({"API_V1_STR": "/static"}, {"config.E016"}),
    ],
)
def test_what_does_not_go_together_is_found(settings, changed, expected):
    for name, value in changed.items():
        setattr(settings, name, value)

    assert found() == expected


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"RATELIMIT_ENABLE": True, "TOTP_REQUIRED_ROLES": ["manager"]}, set()),
        ({"TOTP_REQUIRED_ROLES": ["manager"]}, {"config.W014"}),
        ({"RATELIMIT_ENABLE": True}, {"config.W015"}),
    ],
)
def test_what_guards_a_site_in_use_is_missed(settings, changed, expected):
    settings.RATELIMIT_ENABLE, settings.TOTP_REQUIRED_ROLES = False, []
    for name, value in changed.items():
        setattr(settings, name, value)

    assert found(tags=["security"], include_deployment_checks=True) == expected
