"""How the person's offices fare: the page of the statistics, and its exports."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from appointments.exports import export
from appointments.models import Content, FileFormat
from appointments.statistics.form import ScopeForm
from appointments.statistics.page import page
from appointments.statistics.parts import part_headings
from config.admin import sentence
from config.exceptions import DomainError
from offices.admin_base import reach_of
from offices.roles import Permission
from offices.staff import OfficePage, allowed


class ExportForm(forms.Form):
    content = forms.ChoiceField(
        label=_("What"), choices=Content.choices, widget=forms.RadioSelect
    )
    file_format = forms.ChoiceField(
        label=_("As"),
        choices=[(each, each.label) for each in (FileFormat.CSV, FileFormat.XLSX)],
        widget=forms.RadioSelect,
    )


class ScopePage(OfficePage):
    """About one office, or with an empty `?office=` about all of the person's."""

    @cached_property
    def chosen(self):
        return self.offices if self.is_about_all else [self.office]

    @property
    def is_about_all(self):
        return self.request.GET.get("office") == ""

    @cached_property
    def form(self):
        return ScopeForm(self.request.GET, offices=self.chosen)

    @property
    def query(self):
        """What is asked, for addresses: the office always named."""
        asked = self.request.GET.copy()
        asked["office"] = "" if self.is_about_all else self.office.slug
        return asked.urlencode()


class Statistics(ScopePage):
    permission = Permission.VIEW_STATISTICS
    title = _("Statistics")
    template_name = "admin/statistics/statistics.html"

    def get(self, request):
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data(), status=422)
        shown = page(self.form.scope)
        self.form.fill_in()
        return self.render_to_response(self.get_context_data(page=shown))

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            form=self.form,
            is_about_all=self.is_about_all,
            part_headings=part_headings(),
            export_form=self.may_export and ExportForm(initial=FIRST_CHOICES),
            query=self.query,
            **kwargs,
        )

    @property
    def may_export(self):
        reach = reach_of(self.request)
        ids = (office.pk for office in self.chosen)
        return all(reach.may(Permission.EXPORT_DATA, pk) for pk in ids)


class Export(ScopePage):
    """A POST, since it is written down; what it is about is in the query."""

    permission = Permission.EXPORT_DATA
    http_method_names = ["post"]

    def post(self, request):
        asked = ExportForm(request.POST)
        if not (self.form.is_valid() and asked.is_valid()):
            return self.back(_("Choose what to export, and as which kind of file."))
        try:
            file = export(self.form.scope, by=request.user, **asked.cleaned_data)
        except DomainError as refusal:
            return self.back(sentence(refusal))
        name = f'attachment; filename="{file.name}"'
        return StreamingHttpResponse(
            file.content,
            content_type=file.content_type,
            headers={"Content-Disposition": name, "Cache-Control": "no-store"},
        )

    def back(self, why):
        messages.error(self.request, why)
        return HttpResponseRedirect(f"{reverse('admin:statistics')}?{self.query}")


FIRST_CHOICES = {"content": Content.FIGURES, "file_format": FileFormat.XLSX}

admin.site.add_page(
    "statistics",
    _("Statistics"),
    order=8,
    allowed=allowed(Permission.VIEW_STATISTICS),
    urls=[
        path("statistics/", Statistics.as_view(), name="statistics"),
        path("statistics/export/", Export.as_view(), name="statistics_export"),
    ],
)
