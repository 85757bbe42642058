"""Mails about accounts: owed as a row, sent once, not lost."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import operations
from accounts.models import AccountMail, MailStatus, Registration, SignIn
from accounts.tasks import deliver_mail, purge
from accounts.tests.factories import (
    PASSWORD,
    AccountMailFactory,
    RegistrationFactory,
    SignInFactory,
    UserFactory,
)
from tests.test_worker import soon

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed():
    return AccountMailFactory(email=UserFactory().email)


def test_a_mail_is_sent_once(owed):
    for _ in range(2):
        deliver_mail(owed.pk)

    owed.refresh_from_db()
    assert (len(mail.outbox), owed.status) == (1, MailStatus.SENT)


def test_one_who_died_sending_is_made_up_for(owed):
    assert AccountMail.objects.claim(owed.pk, lease=timedelta(minutes=5))
    deliver_mail(owed.pk)
    assert mail.outbox == []

    AccountMail.objects.update(due_at=timezone.now())
    deliver_mail(owed.pk)

    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_costs_time_alone(owed, settings):
    smtp = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "127.0.0.1", "port": 1},
    }
    settings.MAILERS = {"default": smtp}

    deliver_mail(owed.pk)

    owed.refresh_from_db()
    assert (owed.status, owed.attempts) == (MailStatus.QUEUED, 1)
    assert owed.due_at > timezone.now() + timedelta(seconds=50)
    assert "refused" in owed.last_error


def test_after_many_attempts_it_is_given_up(owed, settings):
    smtp = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "127.0.0.1", "port": 1},
    }
    settings.MAILERS = {"default": smtp}
    AccountMail.objects.update(attempts=11)

    deliver_mail(owed.pk)

    owed.refresh_from_db()
    assert owed.status == MailStatus.FAILED


def test_it_speaks_the_reader_s_language():
    operations.register(
        email="a@example.org", password=PASSWORD, name="Buy now!", language="de"
    )

    assert AccountMail.objects.get().language == "de"


def test_it_says_nothing_that_a_stranger_typed():
    operations.register(email="a@example.org", password=PASSWORD, name="Buy now!")

    deliver_mail(AccountMail.objects.get().pk)

    assert "Buy now!" not in mail.outbox[0].subject + mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_a_request_owes(celery_worker):
    celery_worker()

    operations.ask_for_reset(UserFactory().email)

    assert soon(lambda: AccountMail.objects.get().status == MailStatus.SENT)


def test_what_is_of_no_use_is_forgotten():
    old = timezone.now() - timedelta(days=31)
    SignInFactory(expires_at=timezone.now())
    RegistrationFactory(created_at=old)
    AccountMailFactory(created_at=old)
    kept = [SignInFactory(), RegistrationFactory(), AccountMailFactory()]

    purge()

    assert [
        SignIn.objects.get(),
        Registration.objects.get(),
        AccountMail.objects.get(),
    ] == kept
