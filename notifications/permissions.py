"""Who may do what with messages."""

from notifications.states import Channel
from offices.models import Office
from offices.permissions import may
from offices.roles import Permission

LIFT = Permission.BOOK_APPOINTMENTS


def can_send_again(by, message):
    """Whoever may write to the citizen by moving or cancelling."""
    return may(by, Permission.BOOK_APPOINTMENTS, message.appointment.office)


def offices_of(blocked):
    """The offices that would write to a blocked address."""
    field = "email" if blocked.channel == Channel.MAIL else "phone"
    address = {f"appointments__citizen__{field}": blocked.address}
    return Office.objects.filter(**address).distinct()
