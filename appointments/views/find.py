"""Finding an appointment again without its link."""

from django.urls import reverse

from appointments import links
from appointments.forms import FindForm
from appointments.views.base import Page, limit_posts
from config.views import OperationView


@limit_posts("find")
class Find(Page, OperationView):
    section = "appointment"
    template_name = "appointments/find.html"
    form_class = FindForm

    def perform(self, form):
        return form.appointment

    def get_success_url(self):
        return reverse("appointments:manage", args=[links.token_for(self.result)])
