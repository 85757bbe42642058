from django.utils.translation import gettext_lazy as _

from config import metrics


class DomainError(Exception):
    """A well-formed request that the present state of things refuses.

    Raised by operations, never by views. OperationView shows it on the form it
    came from; RefusalMiddleware makes any other one a page with status 409.
    """

    code = "conflict"
    message = _("This is not possible right now.")

    def __init__(self, message=None):
        super().__init__(message or self.message)
        metrics.REFUSALS.labels(self.code).inc()

    def __str__(self):
        return str(self.args[0])
