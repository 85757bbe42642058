import math
import sys
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template import loader
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from django_ratelimit.exceptions import Ratelimited

from config import limits, logs, outages
from config.api import problems
from config.exceptions import DomainError

RETRY_AFTER = 5  # seconds, while the database is away
BAD_REQUESTS = {
    HTTPStatus.BAD_REQUEST: (
        "bad_request",
        gettext_lazy("The request makes no sense."),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        problems.BodyTooLarge.default_code,
        problems.BodyTooLarge.default_detail,
    ),
    HTTPStatus.REQUEST_URI_TOO_LONG: (
        "url_too_long",
        gettext_lazy("The address is longer than this API takes."),
    ),
}


class OperationView(FormView):
    """A form whose submission is one domain operation.

    Subclasses write `perform()`; what it returns stays in `self.result`. A refusal
    is shown on the form it came from: 409 when the state of things refuses, 422
    when the form itself is wrong.
    """

    success_message = ""
    result = None

    def perform(self, form):
        raise NotImplementedError

    def form_valid(self, form):
        try:
            self.result = self.perform(form)
        except DomainError as error:
            return self.refused(form, error)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        if self.success_message:
            messages.success(self.request, self.success_message)
        return super().form_valid(form)

    def refused(self, form, error):
        form.add_error(None, str(error))
        return self.show(form, 409)

    def form_invalid(self, form):
        return self.show(form, 422)

    def show(self, form, status):
        return self.render_to_response(self.get_context_data(form=form), status=status)


# Django's own pages for 400, 403 and 404 look for a CSRF token in the form, which may
# be what cannot be read.


def bad_request(request, exception):
    if not hasattr(request, "LANGUAGE_CODE"):  # refused before anybody asked for it
        translation.activate(translation.get_language_from_request(request))
    status = limits.status_of(exception)
    if is_api(request):
        code, detail = BAD_REQUESTS[status]
        return problems.plain(status, code, detail)
    if status == HTTPStatus.BAD_REQUEST:
        return HttpResponseBadRequest(render_to_string("400.html"))
    return render(request, "413.html", status=status)


def forbidden(request, exception):
    """Who asks too often is told so; anybody else is merely not allowed."""
    if isinstance(exception, Ratelimited):
        wait = settings.RATE_LIMIT_WINDOW
        context = {"retry_minutes": math.ceil(wait / 60)}
        response = render(request, "429.html", context, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    return render(request, "403.html", status=403)


def not_found(request, exception):
    if is_api(request):
        return problems.plain(404, "not_found", _("There is nothing at this address."))
    return render(request, "404.html", status=404)


def unavailable(request):
    """The database is away, restarts, is full or takes no writes."""
    if is_api(request):
        kind = problems.Unavailable
        response = problems.plain(503, kind.default_code, kind.default_detail)
    else:
        response = HttpResponse(render_to_string("503.html"), status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def server_error(request):
    """A mistake of ours; or a middleware found the database away, not a view.

    Django asks us while it handles the exception.
    """
    if outages.is_one(sys.exception()):
        return unavailable(request)
    if is_api(request):
        detail = _("Something went wrong on our side. It is logged.")
        return problems.plain(500, "server_error", detail)
    page = loader.get_template("500.html").render({"request_id": logs.request_id()})
    return HttpResponseServerError(page)


def is_api(request):
    return request.path.startswith(f"{settings.API_V1_STR}/")
