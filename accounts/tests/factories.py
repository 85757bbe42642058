import uuid
from datetime import timedelta

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts import codes
from accounts.models import (
    AccountMail,
    MailKind,
    Registration,
    SecondFactor,
    SignIn,
    User,
)

PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory):
    """Somebody with a verified account and no membership."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        password = kwargs.pop("password", PASSWORD)
        return model_class.objects.create_user(*args, password=password, **kwargs)


class AdminFactory(UserFactory):
    """The system's admin: may do everything."""

    name = "Ada Admin"
    is_staff = True
    is_superuser = True


class SignInFactory(DjangoModelFactory):
    """Somebody signed in by API, good for a day."""

    class Meta:
        model = SignIn

    user = factory.SubFactory(UserFactory)
    token = factory.LazyFunction(lambda: uuid.uuid4().hex)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=1))


class SecondFactorFactory(DjangoModelFactory):
    """Somebody with codes on the phone, none of them used, and no recovery codes."""

    class Meta:
        model = SecondFactor

    user = factory.SubFactory(UserFactory)
    seed = factory.LazyFunction(codes.new_seed)


class RegistrationFactory(DjangoModelFactory):
    """An account asked for just now, with the usual password."""

    class Meta:
        model = Registration

    email = factory.Sequence(lambda n: f"newcomer{n}@example.org")
    name = factory.Sequence(lambda n: f"Newcomer {n}")
    password = factory.LazyFunction(lambda: make_password(PASSWORD))


class AccountMailFactory(DjangoModelFactory):
    """A mail that is owed now: a link to a new password."""

    class Meta:
        model = AccountMail

    kind = MailKind.PASSWORD_RESET
    email = factory.Sequence(lambda n: f"reader{n}@example.org")
