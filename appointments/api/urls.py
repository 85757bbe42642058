from django.urls import include, path
from rest_framework.routers import SimpleRouter

from appointments.api.appointments import AppointmentViewSet
from appointments.api.events import EventViewSet
from appointments.api.feeds import CalendarFeeds, OneCalendarFeed
from appointments.api.holds import HoldViewSet
from appointments.api.own_data import DeleteAccount, OwnData
from appointments.api.queue import CallNext

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("appointments/holds", HoldViewSet, basename="hold")
router.register("appointments", AppointmentViewSet, basename="appointment")

urlpatterns = [
    path("auth/me/data", OwnData.as_view(), name="own-data"),
    path("auth/me/delete", DeleteAccount.as_view(), name="delete-account"),
    path(
        "offices/<int:office_id>/calendar-feeds",
        CalendarFeeds.as_view(),
        name="calendar-feed-list",
    ),
    path(
        "offices/<int:office_id>/calendar-feeds/<int:pk>",
        OneCalendarFeed.as_view(),
        name="calendar-feed",
    ),
    path("offices/<int:office_id>/call-next", CallNext.as_view(), name="call-next"),
    path("", include(router.urls)),
    path(
        "appointments/<uuid:appointment_id>/events",
        EventViewSet.as_view({"get": "list"}, basename="appointment-event"),
        name="appointment-event-list",
    ),
]
