"""What all pages of this app share."""

from django.conf import settings
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django_ratelimit.decorators import ratelimit

from appointments import links
from config.exceptions import DomainError
from config.languages import prefer


def limit_posts(group, key="ip"):
    """Answer 429 to an address that sends the forms of these views too often.

    `key` says who is one client, as django-ratelimit has it.
    """
    limited = ratelimit(
        group=group,
        key=key,
        rate=lambda group, request: settings.RATE_LIMIT,
        method="POST",
        block=True,
    )
    return method_decorator(limited, name="dispatch")


class Unusable(Exception):
    """An address that cannot be used; its message says why."""

    status = 422
    template_name = "appointments/refused.html"


class NoSuchDay(Unusable):
    status = 404


class DamagedLink(Unusable):
    status = 404
    template_name = "appointments/damaged_link.html"


class ExpiredLink(Unusable):
    status = 410
    template_name = "appointments/expired_link.html"


class PurgedLink(Unusable):
    status = 410
    template_name = "appointments/purged_link.html"


class Page:
    """A view that makes itself ready in `prepare`, which may refuse.

    No cache on the way may keep it: it shows free times, or who asks.
    """

    http_method_names = ["get", "head", "post", "options"]
    section = "services"
    headers = {"Cache-Control": "private, no-cache"}

    def dispatch(self, request, *args, **kwargs):
        try:
            self.prepare()
            response = super().dispatch(request, *args, **kwargs)
        except (Unusable, DomainError) as error:
            response = self.refusal(error)
        if request.method == "POST" and response.status_code == 302:
            response.status_code = 303  # the page that follows is to be fetched by GET
        for name, value in self.headers.items():
            response.headers[name] = value
        return response

    def prepare(self):
        """Work out what the page is about. May raise Unusable or a DomainError."""

    def refusal(self, error):
        """The page that says why this page cannot be, and what to do instead."""
        return render(
            self.request,
            getattr(error, "template_name", Unusable.template_name),
            {"message": error, "section": self.section, **self.way_on(error)},
            status=getattr(error, "status", 409),
        )

    def way_on(self, error):
        """What the page of a refusal needs to offer something instead."""
        return {}

    def get_context_data(self, **kwargs):
        return super().get_context_data(section=self.section, **kwargs)


class PageByLink(Page):
    """A page of one appointment, for whoever holds its signed link.

    In the appointment's language, as the mail with the link was.
    """

    section = "appointment"
    headers = {
        "Cache-Control": "private, no-store",
        # Not `no-referrer`: with it browsers send `Origin: null`, which CSRF refuses.
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
    }
    appointment = None

    def prepare(self):
        super().prepare()
        try:
            self.appointment = links.appointment_for(self.kwargs["token"])
        except links.BadLink as error:
            raise DamagedLink from error
        except links.PurgedLink as error:
            raise PurgedLink from error
        except links.StaleLink as error:
            raise ExpiredLink from error
        prefer(self.request, self.appointment.language)

    def way_on(self, error):
        return self.own_context() if self.appointment else {}

    def own_context(self):
        return {
            "appointment": self.appointment,
            "office": self.appointment.office,
            "token": self.kwargs["token"],
        }

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.own_context() | kwargs)
