"""Reads that take more than one app to answer."""

from appointments import references
from appointments.models import Appointment
from availability import queries as free_times
from offices.models import OfficeService

ELSEWHERE = 5  # how many other offices a person is shown


def elsewhere(offered, *, quantity=1):
    """Other offices that have a free time for the service: (OfficeService, start).

    The soonest first, ELSEWHERE of them at most.
    """
    others = (
        OfficeService.objects.public()
        .filter(service=offered.service_id)
        .exclude(office=offered.office_id)
        .with_details()
    )
    by_office = {other.office_id: other for other in others}
    found = free_times.next_free(by_office.values(), quantity=quantity)
    soonest = sorted(found.items(), key=lambda item: item[1])[:ELSEWHERE]
    return [(by_office[office], start) for office, start in soonest]


def find(reference, email):
    """The appointment that both name, however the reference is written; or None.

    It asks the same of the database whatever is wrong.
    """
    rows = Appointment.objects.with_details().filter(citizen__email__iexact=email)
    return rows.filter(reference=references.read(reference) or "").first()
