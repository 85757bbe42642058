"""The desk in the bar of the admin."""

from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from appointments.desk import views
from offices.roles import Permission
from offices.staff import allowed

admin.site.add_page(
    "desk",
    _("Desk"),
    order=1,
    allowed=allowed(Permission.RUN_DESK),
    urls=[
        path("desk/", views.Desk.as_view(), name="desk"),
        path("desk/board/", views.Board.as_view(), name="desk-board"),
        path("desk/find/", views.Find.as_view(), name="desk-find"),
        path("desk/next/", views.CallNext.as_view(), name="desk-next"),
        path("desk/walk-in/", views.WalkIn.as_view(), name="desk-walk-in"),
        path("desk/<uuid:pk>/ticket/", views.Ticket.as_view(), name="desk-ticket"),
        path("desk/<uuid:pk>/<slug:step>/", views.Act.as_view(), name="desk-step"),
    ],
)
