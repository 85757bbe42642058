"""What others may listen to."""

from django.dispatch import Signal

# Sent inside the transaction of every change, once per AppointmentEvent.
# Arguments: event (its appointment is as it is after the change).
appointment_event = Signal()

# Sent inside the transaction in which it changes how somebody is reached.
# Arguments: citizen (as it is after the change).
citizen_changed = Signal()

# Sent inside the transaction in which appointments stop saying who came.
# Arguments: pks (of the appointments, which are locked).
appointments_forgotten = Signal()

# Sent to collect what else is kept of a person; receivers answer with
# {heading: [rows that JSON can hold]}. Arguments: pks (of appointments), addresses
# (of the person: e-mail and phone, or none), is_whole (whether it is asked for the
# whole person, not for what one office has).
person_exported = Signal()

# Sent inside the transaction in which a person is forgotten altogether.
# Arguments: addresses, as above.
person_forgotten = Signal()
