import factory
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from offices import api_keys, invitations, operations
from offices.models import (
    ApiKey,
    Closure,
    Host,
    Invitation,
    Membership,
    Office,
    OfficeService,
    Service,
)
from offices.roles import Permission, Role


class OfficeFactory(DjangoModelFactory):
    """An open office in Berlin time; no hosts, no services, no reminders."""

    class Meta:
        model = Office

    name = factory.Sequence(lambda n: f"Office {n}")
    slug = factory.Sequence(lambda n: f"office-{n}")
    street = "Marktplatz 1"
    postal_code = "12345"
    city = "Musterstadt"


class ServiceFactory(DjangoModelFactory):
    """Takes a quarter of an hour, one a visit."""

    class Meta:
        model = Service

    name = factory.Sequence(lambda n: f"Service {n}")
    code = factory.Sequence(lambda n: f"service-{n}")


class OfficeServiceFactory(DjangoModelFactory):
    """A service that the public may book at an office of its own."""

    class Meta:
        model = OfficeService

    office = factory.SubFactory(OfficeFactory)
    service = factory.SubFactory(ServiceFactory)


class HostFactory(DjangoModelFactory):
    """A counter that can serve everything, without hours."""

    class Meta:
        model = Host
        skip_postgeneration_save = True

    office = factory.SubFactory(OfficeFactory)
    name = factory.Sequence(lambda n: f"Counter {n}")


class MembershipFactory(DjangoModelFactory):
    """A member with all that the role may; `user` signs in to the admin."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    office = factory.SubFactory(OfficeFactory)
    role = Role.RECEPTION

    @classmethod
    def _create(cls, model_class, *args, user, office, role, **kwargs):
        return operations.add_member(user, office, role, by=None, **kwargs)


class ClosureFactory(DjangoModelFactory):
    """A closure of the whole office; give it starts_at and ends_at."""

    class Meta:
        model = Closure

    office = factory.SubFactory(OfficeFactory)


class InvitationFactory(DjangoModelFactory):
    """Somebody without an account, invited to the reception; a mail is owed."""

    class Meta:
        model = Invitation

    office = factory.SubFactory(OfficeFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    name = factory.Sequence(lambda n: f"Invited {n}")
    role = Role.RECEPTION
    by = None

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return invitations.invite(*args, **kwargs)


class ApiKeyFactory(DjangoModelFactory):
    """May see the appointments of an office of its own; `key.secret` opens it."""

    class Meta:
        model = ApiKey

    name = factory.Sequence(lambda n: f"Program {n}")
    offices = factory.LazyFunction(lambda: [OfficeFactory()])
    permissions = factory.LazyFunction(lambda: {Permission.VIEW_APPOINTMENTS})

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        key, secret = api_keys.create(by=None, **kwargs)
        key.secret = secret
        return key
