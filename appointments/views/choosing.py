"""Pages that know what has been chosen so far, of a booking or of a move."""

import re
from functools import cached_property

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from appointments import holder, operations
from appointments.forms import ChoiceForm
from appointments.queries import elsewhere
from appointments.views import words
from appointments.views.base import Page, PageByLink, Unusable
from appointments.views.choice import Booking, Move
from availability import slots
from availability.cards import place_card
from availability.exceptions import (
    HostRefused,
    NotOffered,
    SlotClosed,
    SlotPast,
    SlotTaken,
    SlotTooFar,
)
from availability.queries import serving
from offices.models import OfficeService

# Refusals that another time is the answer to.
OTHER_TIME_HELPS = (HostRefused, SlotClosed, SlotPast, SlotTaken, SlotTooFar)


def natural_order(host):
    """Sorts "Counter 2" before "Counter 10"."""
    parts = re.split(r"(\d+)", host.name)
    return [int(part) if part.isdecimal() else part for part in parts]


class ChoicePage(Page):
    """A page that knows the choice so far; `offered` is an OfficeService."""

    offered = None

    def choose(self, offered, choice_class, *, most, **fixed):
        """Read host and quantity; what is wrong with them stays in `asked.errors`."""
        slots.check_offered(offered)
        hosts = sorted(serving(offered).values(), key=natural_order)
        self.asked = ChoiceForm(self.request.GET, most=most, hosts=hosts)
        self.asked.full_clean()
        chosen = {"quantity": 1, "host": None, **self.asked.cleaned_data, **fixed}
        self.choice = choice_class(offered=offered, **chosen)
        self.bounds = slots.window(offered.office, timezone.now())

    def insist_on_choice(self):
        """Refuse a host or a quantity that cannot be."""
        for errors in self.asked.errors.values():
            raise Unusable(errors[0])

    @cached_property
    def holder(self):
        """What this browser is called; the cookie is set where that was asked."""
        return holder.name_of(self.request)

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        if "holder" in self.__dict__:
            holder.remember(response, self.holder)
        return response

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            choice=self.choice,
            service=self.choice.offered.service,
            office=self.choice.offered.office,
            so_far=words.of_choice(self.choice),
            **kwargs,
        )


class BookingPage(ChoicePage):
    """Anybody's, on the way to an appointment."""

    def prepare(self):
        super().prepare()
        self.offered = get_object_or_404(
            OfficeService.objects.listed().with_details(),
            office__slug=self.kwargs["slug"],
            service__code=self.kwargs["code"],
        )
        self.choose(self.offered, Booking, most=self.offered.max_quantity)

    def way_on(self, error):
        if isinstance(error, NotOffered):
            return {
                "title": _("No appointments at present"),
                "message": _("This office takes no appointments at present."),
                "office": self.offered.office,
                "elsewhere": [place_card(each) for each in elsewhere(self.offered)],
            }
        return {"days_url": Booking(offered=self.offered).days_url()}


class MovePage(ChoicePage, PageByLink):
    """For whoever holds an appointment's link, on the way to another time."""

    def prepare(self):
        super().prepare()
        operations.check_movable(self.appointment)
        self.choose(
            operations.offered_of(self.appointment),
            Move,
            most=1,
            quantity=self.appointment.quantity,
            appointment=self.appointment,
        )

    def own_context(self):
        before = words.when(self.appointment.starts_at, self.appointment.office)
        return super().own_context() | {"before": before}
