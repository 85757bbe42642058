"""What appointments have to say to changes of what they depend on."""

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import ngettext

from appointments.models import Appointment
from availability.exceptions import StillBooked
from offices.signals import service_ending


@receiver(service_ending)
def keep_what_is_booked(offered, **kwargs):
    """Raise StillBooked while appointments to come are booked as `offered`."""
    coming = Appointment.objects.open().filter(
        office=offered.office_id,
        service=offered.service_id,
        starts_at__gt=timezone.now(),
    )
    many = coming.count()
    if many:
        raise StillBooked(
            ngettext(
                "%(number)s appointment to come is booked for this service. "
                "Move or cancel it first.",
                "%(number)s appointments to come are booked for this service. "
                "Move or cancel them first.",
                many,
            )
            % {"number": many}
        )
