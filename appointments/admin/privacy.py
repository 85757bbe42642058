"""Somebody asks an office for the own data, or to delete it: a page for managers."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from appointments import references
from appointments.admin.moving import page_of
from appointments.privacy import erasing, subjects, telling
from config.admin import REFUSALS, sentence
from config.exceptions import DomainError
from offices.roles import Permission
from offices.staff import OfficePage, allowed
from offices.times import office_when


class PersonForm(forms.Form):
    who = forms.CharField(
        label=_("E-mail address or reference"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "A reference of somebody without an account finds this one booking: "
            "nobody knows whether the others are of the same person."
        ),
    )


class SureForm(forms.Form):
    sure = forms.BooleanField(label=_("This is the person who has asked for it."))


class PersonalData(OfficePage):
    """Looked up by POST: an address does not belong into those of pages."""

    permission = Permission.EXPORT_DATA
    title = _("Personal data")
    template_name = "admin/privacy/person.html"

    def get(self, request):
        return self.show(PersonForm())

    def post(self, request):
        form = PersonForm(request.POST)
        subject = form.is_valid() and self.find(form.cleaned_data["who"])
        if not subject:
            if form.is_valid():
                form.add_error("who", _("Nothing is kept about this person here."))
            return self.show(form, status=422)
        step = {"export": self.export, "erase": self.erase}.get(request.POST.get("do"))
        return step(form, subject) if step else self.show(form, subject)

    def find(self, who):
        """The Subject, as far as it is the person's business; None if nothing is."""
        by = self.request.user
        if references.read(who):
            subject = subjects.of_reference(who, by=by)
        else:
            subject = subjects.of_email(who, by=by)
        return None if subject is None or subject.is_empty else subject

    def export(self, form, subject):
        told = telling.tell(subject, by=self.request.user, page="personal_data")
        name = f"personal-data-{timezone.now().date()}.json"
        return HttpResponse(
            telling.as_json(told),
            content_type="application/json; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "no-store",
            },
        )

    def erase(self, form, subject):
        sure = SureForm(self.request.POST)
        if not sure.is_valid():
            return self.show(form, subject, sure=sure, status=422)
        by = self.request.user
        try:
            number = erasing.erase(subject, by=by, page="personal_data")
        except REFUSALS as refusal:
            messages.error(self.request, sentence(refusal))
            return self.show(form, subject, status=409)
        done = ngettext(
            "Deleted. {} appointment no longer says whose it was.",
            "Deleted. {} appointments no longer say whose they were.",
            number,
        )
        messages.success(self.request, done.format(number))
        return HttpResponseRedirect(reverse("admin:personal_data"))

    def show(self, form, subject=None, *, sure=None, status=200):
        about = self.about(subject) if subject else {}
        context = self.get_context_data(form=form, sure=sure or SureForm(), **about)
        return self.render_to_response(context, status=status)

    def about(self, subject):
        visits = list(subject.appointments.order_by("-starts_at"))
        try:
            erasing.check_erasable(subject)
        except DomainError as error:
            why_not = str(error)
        else:
            why_not = ""
        return {
            "subject": subject,
            "who": sorted({str(visit.citizen) for visit in visits}),
            "addresses": telling.addresses(subject, visits),
            "visits": [
                {
                    "visit": visit,
                    "url": page_of(visit),
                    "when": office_when(visit.starts_at, visit.office),
                }
                for visit in visits
            ],
            "why_not": why_not,
        }


admin.site.add_page(
    "personal_data",
    _("Personal data"),
    order=9,
    hidden=True,  # seldom needed: the page that finds people leads to it
    allowed=allowed(Permission.EXPORT_DATA),
    urls=[path("personal-data/", PersonalData.as_view(), name="personal_data")],
)
