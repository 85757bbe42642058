"""Whom a change of hours hurts: pages that others lead to, and that Django's own ask.

The pages of hours, exceptions and closures (availability.admin) ask before they save.
"""

from functools import partial

from django.contrib import admin
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from appointments.impact.changes import HoursChange, answer
from appointments.impact.pages import CallList, Impact, Result
from appointments.impact.words import summary_of
from appointments.previews import lost_by
from availability.admin import asking
from offices.roles import Permission
from offices.staff import allowed

admin.site.add_page(
    "impact",
    _("Appointments without hours"),
    allowed=allowed(Permission.BOOK_APPOINTMENTS),
    urls=[
        path("impact/", Impact.as_view(), name="impact"),
        path("impact/result/", Result.as_view(), name="impact_result"),
        path("call-list/", CallList.as_view(), name="call_list"),
    ],
    hidden=True,
)


def whom_it_hurts(request, office, *, save, delete):
    """A question of availability.admin.asking: what becomes of whom this hurts?"""
    opts = (save or delete)[0]._meta
    back = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    change = HoursChange(office, summary_of(save, delete), save, delete, back)
    if lost_by(partial(change.apply, by=request.user), office=office):
        return partial(answer, request, change)
    return None


asking.questions.append(whom_it_hurts)
