"""Whom a change of hours hurts: pages that others lead to, and that Django's own ask.

The pages of hours, exceptions and closures (availability.admin) ask before they save.
"""

from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from appointments.impact.pages import CallList, Impact, Result
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
