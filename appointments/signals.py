"""What others may listen to."""

from django.dispatch import Signal

# Sent inside the transaction of every change, once per AppointmentEvent.
# Arguments: event (its appointment is as it is after the change).
appointment_event = Signal()
