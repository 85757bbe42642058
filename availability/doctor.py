"""Times: precomputed as far as people may book, and as the hours say."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from availability import generation, horizons, operations
from availability.models import Hold, HostDay
from config.doctor import check
from offices.models import Office, OfficeStatus

SWEPT_WITHIN = timedelta(minutes=5)


def _running():
    return Office.objects.exclude(status=OfficeStatus.CLOSED).order_by("pk")


def _written():
    """The last day that is precomputed, of each office that has any."""
    days = HostDay.objects.order_by().values_list("office")
    return dict(days.annotate(Max("day")))


@check("Each office has its times precomputed as far as people may book there.")
def slot_horizon():
    return [
        f"{slug}: until {written or 'no day'}, not {wanted}"
        for slug, written, wanted in horizons.short()
    ]


@slot_horizon.mends
def extend():
    for office in _running():
        operations.generate([office])


@check("The precomputed times are those that hours, exceptions and closures give.")
def slots():
    wrong, last = [], _written()
    for office in _running().filter(pk__in=last):
        with transaction.atomic():
            days = generation.generate([office], until=last[office.pk])
            transaction.set_rollback(True)
        if days:
            wrong.append(f"{office.slug}: {days} days")
    return wrong


@slots.mends
def generate():
    extend()


@check("No hold outlives its time.")
def holds():
    old = Hold.objects.filter(expires_at__lt=timezone.now() - SWEPT_WITHIN)
    return [f"{hold.pk}, expired {hold.expires_at:%Y-%m-%d %H:%M} UTC" for hold in old]


@holds.mends
def sweep():
    operations.sweep_holds()
