"""What an office offers, and who serves it; looked up once for many appointments."""

from collections import defaultdict
from functools import cached_property

from availability import queries, slots
from availability.exceptions import HostRefused, NotOffered
from offices.models import OfficeService

SERVING = "SELECT service_id, host_id FROM offices_serving WHERE office_id = %(office)s"


class Offers:
    """The services and hosts of one office."""

    def __init__(self, office):
        self.office = office

    @cached_property
    def hosts(self):
        """{id: Host}, active or not."""
        return self.office.hosts.in_bulk()

    @cached_property
    def _offered(self):
        rows = OfficeService.objects.filter(office=self.office).with_details()
        return {offered.service_id: offered for offered in rows}

    @cached_property
    def _serving(self):
        found = defaultdict(list)
        for service, host in queries.rows(SERVING, {"office": self.office.pk}):
            found[service].append(host)
        return found

    def offered(self, appointment):
        """The OfficeService it was booked as. Raises NotOffered when that is gone."""
        if appointment.service_id not in self._offered:
            raise NotOffered
        return self._offered[appointment.service_id]

    def serving(self, appointment):
        """The ids of the hosts that can serve it, in order."""
        return sorted(self._serving[appointment.service_id])

    def host_for(self, appointment, host):
        """The Host of an id. Raises HostRefused for one that cannot serve it."""
        if host not in self._serving[appointment.service_id]:
            raise HostRefused
        return self.hosts[host]

    def slot_at(self, appointment, starts_at):
        """Its slot if it began then; raises as slots.slot_at does, and NotOffered."""
        offered = self.offered(appointment)
        return slots.slot_at(offered, starts_at, appointment.quantity)
