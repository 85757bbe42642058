"""What the pages have in common on which staff book for somebody."""

from functools import cached_property

from django.utils.translation import gettext_lazy

from appointments import holder
from appointments.staff_booking.choice import StaffBooking, holder_of
from appointments.staff_booking.forms import ServiceForm
from appointments.staff_booking.rules import broken
from appointments.views.choosing import natural_order
from offices.models import OfficeService
from offices.roles import Permission
from offices.staff import OfficePage


class BookingPage(OfficePage):
    """A page on the way to an appointment; its address names the choice so far."""

    permission = Permission.BOOK_APPOINTMENTS
    title = gettext_lazy("Book for somebody")

    @cached_property
    def asked(self):
        """The form of the choice; bound once something is chosen."""
        for data in (self.request.POST, self.request.GET):
            if "service" in data:
                return self.service_form(data)
        return self.service_form(None)

    def service_form(self, data):
        offered = OfficeService.objects.filter(office=self.office).with_details()
        hosts = self.office.hosts.filter(is_active=True)
        return ServiceForm(
            data,
            offereds=offered.order_by("service__name", "pk"),
            hosts=sorted(hosts, key=natural_order),
        )

    @cached_property
    def choice(self):
        """The StaffBooking that the address, or the form, names; None if none."""
        if not self.asked.is_valid():
            return None
        given = self.asked.cleaned_data
        return StaffBooking(
            offered=given["service"], quantity=given["quantity"], host=given["host"]
        )

    @cached_property
    def holder(self):
        return holder_of(self.request)

    def keep(self, starts_at):
        """Hold a time for this session. Raises what `hold` raises."""
        return holder.keep(
            self.choice.offered,
            starts_at,
            holder=self.holder,
            by=self.request.user,
            **self.choice.about,
        )

    def broken_by(self, starts_at, email=""):
        """Which rules a time would break, to whom may go beyond them."""
        if not self.may(Permission.OVERRIDE_RULES):
            return []
        offered = self.choice.offered
        return broken(offered, starts_at, email=email, **self.choice.about)
