"""What others may listen to."""

from django.dispatch import Signal

# Sent inside the transaction before an office no longer offers a service, so that
# who knows what depends on it can refuse: with a DomainError, which undoes all.
# Arguments: offered (the OfficeService).
service_ending = Signal()
