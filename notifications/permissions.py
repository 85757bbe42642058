"""Who may do what with messages."""

from offices.permissions import may
from offices.roles import Permission


def can_send_again(by, message):
    """Whoever may write to the citizen by moving or cancelling."""
    return may(by, Permission.BOOK_APPOINTMENTS, message.appointment.office)
