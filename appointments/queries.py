"""Reads that take more than one app to answer."""

from appointments import references
from appointments.models import Appointment
from availability.places import by_soonest, offering, places

ELSEWHERE = 5  # how many other offices a person is shown


def elsewhere(offered, *, quantity=1):
    """Places with a free time at other offices, the soonest first, some of them."""
    others = [
        other
        for other in offering(offered.service)
        if other.office_id != offered.office_id
    ]
    found = by_soonest(places(others, quantity=quantity))
    return [place for place in found if place.next_free][:ELSEWHERE]


def find(reference, email):
    """The appointment that both name, however the reference is written; or None.

    It asks the same of the database whatever is wrong.
    """
    rows = Appointment.objects.with_details().filter(citizen__email__iexact=email)
    return rows.filter(reference=references.read(reference) or "").first()
