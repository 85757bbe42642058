"""Who comes, check your answers, and booking.

Nothing is kept on the server but the held time: the answers travel in the forms, as
hidden fields once they are given, and are looked at anew each time.
"""

from functools import cached_property

from django.urls import reverse
from django.utils.translation import get_language

from accounts import phones
from appointments import holder, links, operations
from appointments.forms import DAMAGED, DetailsForm, HeldForm, TimeForm
from appointments.states import Channel
from appointments.views import buttons, words
from appointments.views.base import Unusable, limit_posts
from appointments.views.choosing import OTHER_TIME_HELPS, BookingPage, ChoicePage
from availability import slots
from availability.exceptions import SlotClosed
from availability.operations import check_bookable
from availability.queries import is_open
from config.exceptions import DomainError
from config.views import OperationView


class HeldPage(ChoicePage, OperationView):
    """A page about a time that this browser keeps, both named in its address.

    That the time is still kept is told, not required: operations claim it anew.
    """

    refused_start = None

    def prepare(self):
        super().prepare()
        self.insist_on_choice()
        form = HeldForm(self.request.GET)
        for errors in form.errors.values():
            raise Unusable(errors[0])
        self.be_about(form.cleaned_data["at"], form.cleaned_data["hold"])

    def be_about(self, starts_at, hold):
        """Raises what availability.slots.slot_at raises."""
        self.starts_at, self.hold = starts_at, hold
        self.slot = slots.slot_at(self.choice.offered, starts_at, self.choice.quantity)

    @cached_property
    def held(self):
        return holder.held(self.hold, self.starts_at, holder=self.holder)

    def get(self, request, *args, **kwargs):
        if self.held is None:
            check_bookable(self.choice.offered, self.slot)
            if not is_open(self.choice.offered, self.slot, host=self.choice.host):
                raise SlotClosed
        return super().get(request, *args, **kwargs)

    def refused(self, form, error, *, starts_at=None):
        if isinstance(error, OTHER_TIME_HELPS):
            self.refused_start = starts_at or self.starts_at
        return super().refused(form, error)

    def get_context_data(self, **kwargs):
        office = self.choice.offered.office
        return super().get_context_data(
            action=self.choice.check_url(self.starts_at, self.hold),
            when=words.when(self.starts_at, office),
            until=self.held and words.clock_at(self.held.expires_at, office),
            is_refused=self.refused_start is not None,
            groups=self.nearest(),
            days_url=self.choice.days_url(office.local_day(self.starts_at)),
            times_url=self.choice.times_url(office.local_day(self.starts_at)),
            **kwargs,
        )

    def nearest(self):
        """Other times, around one that was refused."""
        if self.refused_start is None:
            return []
        found = self.choice.nearest(self.refused_start)
        return buttons.nearest(found, self.choice.offered.office)


@limit_posts("confirm")
class Details(HeldPage, BookingPage):
    """The form, its check and the booking: three steps at one address."""

    template_name = "appointments/details.html"
    form_class = DetailsForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"office": self.offered.office}

    def post(self, request, *args, **kwargs):
        if "change" in request.POST:
            return self.ask_again(request.POST["change"])
        return super().post(request, *args, **kwargs)

    def ask_again(self, name):
        """The form with the answers as they were, at the one to change."""
        form = DetailsForm(initial=self.request.POST.dict(), office=self.offered.office)
        if name in form.fields:
            form.fields[name].widget.attrs["autofocus"] = True
        return self.show(form, 200)

    def form_valid(self, form):
        if "starts_at" in self.request.POST:
            return self.hold_another(form)
        if self.request.POST.get("step") == "confirm":
            return super().form_valid(form)
        if self.request.POST.get("step") == "times":
            self.refused_start = self.starts_at
        return self.check(form)

    def check(self, form, status=200):
        self.template_name = "appointments/check.html"
        return self.show(form, status)

    def hold_another(self, form):
        """Keep the time whose button was pressed, and the answers with it."""
        time = TimeForm(self.request.POST)
        if not time.is_valid():
            form.add_error(None, DAMAGED)
            return self.check(form, 422)
        starts_at = time.cleaned_data["starts_at"]
        try:
            self.held = holder.keep(
                self.offered, starts_at, holder=self.holder, **self.choice.about
            )
        except DomainError as error:
            return self.refused(form, error, starts_at=starts_at)
        self.be_about(starts_at, self.held.pk)
        return self.check(form)

    def perform(self, form):
        citizen = form.citizen(language=get_language())
        what = (self.offered.pk, self.starts_at.isoformat(), self.hold, citizen.email)
        return operations.book_once(
            holder.booking_key(self.holder, *what),
            self.offered,
            self.starts_at,
            citizen=citizen,
            by=citizen,
            channel=Channel.WEB,
            hold=self.hold,
            holder=self.holder,
            purpose=form.cleaned_data["purpose"],
            access_needs=form.cleaned_data["access_needs"],
            language=citizen.language,
            **self.choice.about,
        )

    def refused(self, form, error, **kwargs):
        self.template_name = "appointments/check.html"
        return super().refused(form, error, **kwargs)

    def get_success_url(self):
        token = links.token_for(self.result)
        return reverse("appointments:confirmation", args=[token])

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return context | {"answers": answers(context["form"])}


def answers(form):
    """What was answered, to be checked; empty while the form is not filled in."""
    given = getattr(form, "cleaned_data", {})
    return [
        {
            "name": name,
            "key": form.fields[name].label,
            "given": given[name],
            "value": phones.words(given[name]) if name == "phone" else given[name],
        }
        for name in ("name", "email", "phone", "purpose", "access_needs")
        if name in given
    ]
