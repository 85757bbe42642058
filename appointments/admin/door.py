"""The screen in the waiting room and the tablet at the door, for who manages them."""

from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from appointments import operations
from appointments.door import keys
from appointments.views.qr import qr_code
from offices.models import Office
from offices.roles import Permission
from offices.staff import OfficePage


class Door(OfficePage):
    """Their addresses, also as codes to scan; a key for the tablet, or none."""

    permission = Permission.MANAGE_OFFICE
    title = _("Screen and tablet")
    template_name = "admin/closing/door.html"

    def post(self, request, *args, **kwargs):
        if "revoke" in request.POST:
            done = _("The tablet is switched off: its address opens nothing.")
            self.attempt(operations.revoke_tablet_key, self.office, done=done)
        else:
            done = _("The tablet has a new address. Open it there.")
            self.attempt(operations.make_tablet_key, self.office, done=done)
        return HttpResponseRedirect(request.get_full_path())

    def get_context_data(self, **kwargs):
        screen = reverse("appointments:display", args=[self.office.slug])
        screen = f"{settings.FRONTEND_HOST}{screen}"
        tablet = keys.url_for(self.office)
        found = Office.objects.listed().filter(pk=self.office.pk)
        return super().get_context_data(
            has_screen=found.exists(),
            screen=screen,
            screen_code=qr_code(screen),
            tablet=tablet,
            tablet_code=qr_code(tablet) if tablet else "",
            unplaced=self.office.hosts.active().filter(place="").count(),
            **kwargs,
        )
