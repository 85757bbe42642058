"""The offices where a service can be had, and when soonest."""

from datetime import UTC, datetime
from typing import NamedTuple

from availability import queries
from offices.functions import Fold
from offices.models import Office, OfficeService, OfficeStatus
from offices.queries.catalogue import tell_apart
from offices.translated import shown

NEVER = datetime.max.replace(tzinfo=UTC)


class Place(NamedTuple):
    """An office that offers a service, for a visit of `quantity`.

    `next_free` is an aware instant, or None where nothing is free until the
    horizon, or nothing can be booked.
    """

    offered: OfficeService
    quantity: int
    next_free: datetime | None

    @property
    def office(self) -> Office:
        return self.offered.office

    @property
    def is_open(self):
        """Whether it takes appointments now."""
        return self.office.status == OfficeStatus.OPEN

    @property
    def takes_so_many(self):
        return self.quantity <= self.offered.max_quantity

    @property
    def duration(self):
        return self.offered.duration * self.quantity


def offering(service):
    """The OfficeServices of `service` that citizens can know of, by the office's name.

    Offices that take no appointments at present are among them.
    """
    return list(
        service.offered.filter(is_public=True, office__is_public=True)
        .exclude(office__status=OfficeStatus.CLOSED)
        .select_related("office")
        .order_by(Fold(shown("name", "office__")), "office__street", "office")
    )


def places(offereds, *, quantity=1):
    """The Places of `offereds`, OfficeServices of one service, in their order."""
    open_ones = [each for each in offereds if each.office.status == OfficeStatus.OPEN]
    free = queries.next_free(open_ones, quantity=quantity)
    tell_apart([each.office for each in offereds])
    return [Place(each, quantity, free.get(each.office_id)) for each in offereds]


def by_soonest(places):
    """Places with the soonest free time first, those without one last."""
    return sorted(places, key=lambda place: place.next_free or NEVER)
