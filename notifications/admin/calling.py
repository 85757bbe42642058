"""Whom the office has to call, since no message gets to them."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from appointments.admin import first_page
from appointments.models import Appointment
from notifications import calling, operations
from notifications.admin.frame import MessagesPage
from notifications.log_words import outcome
from notifications.models import Message, MessageTemplate
from offices.roles import Permission
from offices.times import office_when


class Unheard(MessagesPage):
    """Who has not got what the office had to say, and who could not be written to."""

    permission = Permission.BOOK_APPOINTMENTS
    title = _("To call")
    template_name = "admin/messages/calls.html"
    tab = "unheard"

    def post(self, request, *args, **kwargs):
        """Somebody has been told by telephone."""
        mine = Appointment.objects.filter(office=self.office)
        pk = request.POST.get("told", "")
        try:
            appointment = get_object_or_404(mine.select_related("citizen"), pk=pk)
        except ValidationError as error:  # not even the number of one
            raise Http404 from error
        done = _("%(who)s is told.") % {"who": appointment.citizen}
        self.attempt(calling.told_by_phone, appointment, done=done)
        return HttpResponseRedirect(self.address("unheard"))

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            calls=[self.call(call) for call in calling.calls(self.office)],
            unreachable=[
                self.visit(appointment)
                for appointment in calling.unreachable(self.office)
            ],
            without_mail=self.address("call_list"),
            blocks=reverse("admin:notifications_block_changelist"),
            **kwargs,
        )

    def call(self, call):
        return self.visit(call.appointment) | {
            "message": call.lost,
            "outcome": outcome(call.lost),
        }

    def visit(self, appointment):
        return {
            "appointment": appointment,
            "when": office_when(appointment.starts_at, self.office),
            "page": reverse(
                "admin:appointments_appointment_change", args=[appointment.pk]
            ),
        }


class SendAgain(MessagesPage):
    """The button beside a message that failed, on its appointment's page."""

    permission = Permission.BOOK_APPOINTMENTS
    http_method_names = ["post"]

    def post(self, request, pk):
        mine = Message.objects.visible_to(request.user).with_details()
        message = get_object_or_404(mine, pk=pk)
        done = _("Goes out within a minute.")
        self.attempt(operations.send_again, message, done=done)
        return HttpResponseRedirect(
            reverse(
                "admin:appointments_appointment_change", args=[message.appointment_id]
            )
        )


def to_do(offices, reach):
    """What the first page says of messages: {office id: [Number]}."""
    books = [o for o in offices if reach.may(Permission.BOOK_APPOINTMENTS, o.pk)]
    manages = [o for o in offices if reach.may(Permission.MANAGE_OFFICE, o.pk)]
    calls = calling.count_calls(books) if books else {}
    broken = MessageTemplate.objects.broken_at(manages) if manages else {}
    found = {}
    for office in offices:
        counts = [
            (_now("To call"), calls.get(office.pk), "unheard"),
            (_now("Words that do not work"), broken.get(office.pk), "message_words"),
        ]
        found[office.pk] = [
            first_page.Number(name, n, first_page.address(page, office))
            for name, n, page in counts
            if n
        ]
    return found
