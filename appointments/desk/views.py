"""The desk: one page that shows the day, and what its buttons do."""

import hashlib

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from appointments import operations
from appointments.desk import board
from appointments.desk.forms import FindForm, WalkInForm
from appointments.desk.steps import place
from appointments.door.queries import by_reference
from appointments.models import Appointment
from appointments.states import Status
from config.admin import REFUSALS, sentence
from offices.roles import Permission
from offices.staff import OfficePage

AT = "desk_host"  # in the session: where the person at this screen serves

# What the buttons of an appointment do, and what is said then.
STEPS = {
    "check-in": (operations.check_in, gettext_lazy("%(name)s: ticket %(ticket)s.")),
    "call": (
        operations.call,
        gettext_lazy("%(name)s: ticket %(ticket)s called to %(place)s."),
    ),
    "start": (operations.start, gettext_lazy("%(name)s: started.")),
    "complete": (operations.complete, gettext_lazy("%(name)s: completed.")),
    "no-show": (
        operations.mark_no_show,
        gettext_lazy("%(name)s: marked as not having come."),
    ),
    "undo": (operations.undo, gettext_lazy("%(name)s: last step taken back.")),
    "reassign": (operations.reassign, gettext_lazy("%(name)s: now with %(place)s.")),
}


# Where a step says which host: who calls or serves, or to whom it is given.
HOST_FIELD = {"call": "host", "start": "host", "reassign": "to"}


class DeskPage(OfficePage):
    permission = Permission.RUN_DESK
    title = gettext_lazy("Desk")

    @cached_property
    def hosts(self):
        return list(self.office.hosts.active())

    @cached_property
    def host(self):
        """Where the person serves: as last chosen, else whoever they are; or None."""
        for field, value in (
            ("pk", self.request.session.get(AT)),
            ("user_id", self.request.user.pk),
        ):
            for host in self.hosts:
                if getattr(host, field) == value:
                    return host
        return None

    @property
    def query(self):
        """What of the address says how the board is shown, for links and forms."""
        chosen = {"office": self.office.slug}
        if self.request.GET.get("view") == "list":
            chosen["view"] = "list"
        return urlencode(chosen)

    @property
    def text(self):
        """What is looked for; empty for nothing."""
        return self.request.GET.get("q", "").strip()

    def to(self, name, *args, **more):
        """Send the browser to a page, showing the board as it is shown now."""
        extra = f"&{urlencode(more)}" if more else ""
        response = redirect(f"{reverse(name, args=args)}?{self.query}{extra}")
        response.status_code = 303  # the page that follows is to be fetched by GET
        return response

    def back(self, **more):
        return self.to("admin:desk", **more)

    def run(self, operation, *about, name, done, **kwargs):
        """Run an operation as the person and say how that went, of whom.

        Returns the appointment as it is then, or None.
        """
        try:
            after = operation(*about, by=self.request.user, **kwargs)
        except REFUSALS as refusal:
            messages.error(self.request, f"{name}: {sentence(refusal)}")
            return None
        said = {
            "name": after.citizen.name,
            "ticket": after.ticket,
            "place": place(after.called_to or after.host),
        }
        messages.success(self.request, done % said)
        return after

    def chosen_host(self, field):
        """The host that a field of the form names; those elsewhere do not exist."""
        chosen = self.request.POST.get(field)
        for host in self.hosts:
            if str(host.pk) == chosen:
                return host
        raise Http404

    def appointment(self, pk):
        """One of this office's; others do not exist."""
        rows = Appointment.objects.visible_to(self.request.user).with_details()
        return get_object_or_404(rows, pk=pk, office=self.office)

    def board_context(self):
        may_move = self.may(Permission.BOOK_APPOINTMENTS)
        today = board.load(self.office, host=self.host, may_move=may_move)
        return {
            "board": today,
            "found": today.named(self.text) if self.text else None,
            "text": self.text,
            "as_list": self.request.GET.get("view") == "list",
            "query": self.query,
            "host": self.host,
        }


class Desk(DeskPage):
    """The whole page. Without JavaScript a link shows it anew."""

    http_method_names = ["get", "head", "options"]
    template_name = "admin/desk/desk.html"
    walk_in = None  # the form, where it has errors

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            **self.board_context(),
            "hosts": self.hosts,
            "walk_in": self.walk_in or WalkInForm(office=self.office),
            "may_book": self.may(Permission.BOOK_APPOINTMENTS),
            "may_manage": self.may(Permission.MANAGE_OFFICE),
            "etag": etag_of(self),
        }


class Board(DeskPage):
    """What changes of the page, told only when it has changed."""

    http_method_names = ["get", "head", "options"]
    template_name = "admin/desk/board.html"

    def get(self, request, *args, **kwargs):
        etag = etag_of(self)
        response = get_conditional_response(request, etag=etag)
        if response is None:
            response = TemplateResponse(
                request,
                self.template_name,
                {**self.board_context(), "office": self.office},
            )
        response["ETag"] = etag
        return response


def etag_of(page):
    """Another one when the day, the minute, or what is asked for has changed."""
    parts = (
        board.version(page.office),
        timezone.now().replace(second=0, microsecond=0),
        page.office.updated_at,
        page.query,
        page.text,
        page.request.user.pk,
        page.request.session.get(AT),
        page.may(Permission.BOOK_APPOINTMENTS),
        get_language(),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


class Act(DeskPage):
    """A button of one appointment."""

    http_method_names = ["post", "options"]

    def post(self, request, pk, step):
        if step not in STEPS:
            raise Http404
        appointment = self.appointment(pk)
        operation, done = STEPS[step]
        field = HOST_FIELD.get(step)
        host = {}
        if field and field in request.POST:
            host = {"host": self.chosen_host(field)}
        name = appointment.citizen.name
        self.run(operation, appointment, name=name, done=done, **host)
        return self.back()


class CallNext(DeskPage):
    """Whoever is next, for one host, which is where the person serves from now on."""

    http_method_names = ["post", "options"]

    def post(self, request):
        host = self.chosen_host("host")
        if host.pk != request.session.get(AT):
            request.session[AT] = host.pk
        done = _("%(name)s: ticket %(ticket)s called to %(place)s.")
        self.run(operations.call_next, host, name=place(host), done=done)
        return self.back()


class Find(DeskPage):
    """Check in whom a reference or a scanned code names; look for any other text."""

    http_method_names = ["post", "options"]

    def post(self, request):
        form = FindForm(request.POST)
        text = form.cleaned_data["text"].strip() if form.is_valid() else ""
        appointment = by_reference(self.office, text) if text else None
        if appointment is None:
            return self.back(**({"q": text} if text else {}))
        name = appointment.citizen.name
        if appointment.status == Status.CHECKED_IN:
            said = _("%(name)s: is checked in already, ticket %(ticket)s.")
            about = {"name": name, "ticket": appointment.ticket}
            messages.info(request, said % about)
        else:
            operation, done = STEPS["check-in"]
            self.run(operation, appointment, name=name, done=done)
        return self.back()


class WalkIn(Desk):
    """Take somebody in; then show the ticket."""

    http_method_names = ["post", "options"]

    def post(self, request):
        form = WalkInForm(request.POST, office=self.office)
        if not form.is_valid():
            self.walk_in = form
            response = self.render_to_response(self.get_context_data())
            response.status_code = 422
            return response
        citizen = form.citizen()
        taken = self.run(
            operations.walk_in,
            form.cleaned_data["service"],
            name=citizen.name,
            done=_("%(name)s: ticket %(ticket)s."),
            citizen=citizen,
            language=get_language(),
        )
        if taken is None:
            return self.back()
        return self.to("admin:desk-ticket", taken.pk)


class Ticket(DeskPage):
    """A ticket, large, to be shown or printed."""

    http_method_names = ["get", "head", "options"]
    template_name = "admin/desk/ticket.html"
    title = gettext_lazy("Ticket")

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "appointment": self.appointment(self.kwargs["pk"]),
            "query": self.query,
        }
