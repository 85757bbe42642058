from django.urls import include, path

from appointments.door import display, tablet
from appointments.views import details, feed, find, own_data, visit, when

app_name = "appointments"

book = [
    path("", when.BookDays.as_view(), name="days"),
    path("details/", details.Details.as_view(), name="details"),
    path("<str:day>/", when.BookTimes.as_view(), name="times"),
]

by_link = [
    path("", visit.Manage.as_view(), name="manage"),
    path("done/", visit.Confirmation.as_view(), name="confirmation"),
    path("calendar.ics", visit.CalendarFile.as_view(), name="calendar"),
    path("cancel/", visit.Cancel.as_view(), name="cancel"),
    path("data/", own_data.VisitData.as_view(), name="data"),
    path("data/download/", own_data.VisitFile.as_view(), name="data_file"),
    path("move/", when.MoveDays.as_view(), name="move"),
    path("move/check/", visit.MoveCheck.as_view(), name="move_check"),
    path("move/<str:day>/", when.MoveTimes.as_view(), name="move_times"),
]

at_the_door = [
    path("display/", display.display, name="display"),
    path("display/calls/", display.display_calls, name="display_calls"),
    path("check-in/<str:key>/", tablet.Tablet.as_view(), name="tablet"),
    path("check-in/<str:key>/<str:signed>/", tablet.Ticket.as_view(), name="ticket"),
]

urlpatterns = [
    path("book/<slug:slug>/<slug:code>/", include(book)),
    path("offices/<slug:slug>/", include(at_the_door)),
    path("appointments/<str:token>/", include(by_link)),
    path("calendars/<str:token>.ics", feed.calendar_feed, name="feed"),
    path("find/", find.Find.as_view(), name="find"),
    path("account/data/", own_data.AccountData.as_view(), name="account_data"),
    path(
        "account/data/download/",
        own_data.AccountFile.as_view(),
        name="account_file",
    ),
]
