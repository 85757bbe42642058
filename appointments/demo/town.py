"""Building Larkhaven, once, through the operations that staff use."""

from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from appointments.demo import words
from appointments.demo.offices import OFFICES
from appointments.demo.people import ADMIN, CITIZEN, PASSWORD, STAFF
from appointments.demo.services import SERVICES
from appointments.models import Citizen
from availability import operations
from availability.models import AvailabilityException, AvailabilityRule, ExceptionKind
from offices.models import Host, Office, OfficeService, Service
from offices.operations import add_member
from offices.slugs import make_slug

SOURCE = "demo"


@transaction.atomic
def build():
    """Make the town unless it is there; returns whether it was made."""
    if Office.objects.filter(source=SOURCE).exists():
        return False
    people = _people()
    services = _services()
    for key, about in OFFICES.items():
        office = _office(key, about, services)
        for email, _name, role, position in STAFF[key]:
            add_member(people[email], office, role, by=None, position=position)
        for host in about["hosts"]:
            _host(office, host, people, services)
    _differ_from_the_week()
    return True


def _people():
    """Everybody with an account, by e-mail address; who has one already keeps it."""
    password = make_password(PASSWORD)  # slow on purpose: once for all of them
    names = dict([ADMIN, CITIZEN])
    for staff in STAFF.values():
        names.update({email: name for email, name, *_ in staff})
    people = {}
    for email, name in names.items():
        chief = {"is_staff": True, "is_superuser": True} if email == ADMIN[0] else {}
        people[email], _ = User.objects.get_or_create(
            email=email, defaults={"name": name, "password": password, **chief}
        )
    Citizen.objects.get_or_create(
        user=people[CITIZEN[0]], defaults={"name": CITIZEN[1], "email": CITIZEN[0]}
    )
    return people


def _services():
    taken = set(Service.objects.values_list("code", flat=True))
    return {
        code: Service.objects.create(
            source=SOURCE,
            source_id=code,
            code=make_slug(code, taken=taken, fallback=SOURCE),
            **fields,
            **words.of_service(code),
        )
        for code, fields in SERVICES.items()
    }


def _office(key, about, services):
    taken = set(Office.objects.values_list("slug", flat=True))
    office = Office(
        source=SOURCE,
        source_id=key,
        slug=make_slug(key, taken=taken, fallback=SOURCE),
        **about["fields"],
        **words.of_office(key),
    )
    operations.save_office(office, by=None)
    for code, own in about["offers"].items():
        OfficeService.objects.create(office=office, service=services[code], **own)
    return office


def _host(office, about, people, services):
    user = people.get(about.who)
    host = Host(office=office, user=user, name=user.name if user else about.who)
    operations.save_host(host, by=None)
    host.services.set([services[code] for code in about.serves])
    rules = [AvailabilityRule(**hours._asdict()) for hours in about.hours]
    operations.set_hours(host, save=rules, by=None)


def _differ_from_the_week():
    """A leave, an extra Saturday, an afternoon of training, a bank holiday at work."""
    hall = Office.objects.get(source=SOURCE, source_id="town-hall")
    licensing = Office.objects.get(source=SOURCE, source_id="licensing")
    monday = hall.today() + timedelta(days=7 - hall.today().weekday())
    week = [monday + timedelta(days=number) for number in range(7)]
    operations.set_hours(
        hall.hosts.get(name="Counter 3"),
        save=[away(day, "Leave") for day in week[:5]],
        by=None,
    )
    extra = AvailabilityException(
        kind=ExceptionKind.EXTRA,
        day=week[5],
        start_time=time(9),
        end_time=time(13),
        reason="Before the regatta",
    )
    operations.set_hours(licensing.hosts.get(name="Window 1"), save=[extra], by=None)
    training = operations.close(
        licensing,
        starts_at=datetime.combine(week[2], time(13), licensing.zone),
        ends_at=datetime.combine(week[2], time(18), licensing.zone),
        reason="Training",
        by=None,
    )
    training.reason_translations = words.of_closure(training.reason)
    operations.save_closure(training, by=None)
    ahead = hall.closures.holidays().filter(starts_at__gt=timezone.now())
    if holiday := ahead.filter(reason__contains="Bank Holiday").first():
        holiday.is_overridden = True
        operations.save_closure(holiday, by=None)


def away(day, reason):
    """A whole day off."""
    return AvailabilityException(kind=ExceptionKind.AWAY, day=day, reason=reason)
