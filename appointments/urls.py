from django.urls import include, path

from appointments.views import details, feed, find, visit, when

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
    path("move/", when.MoveDays.as_view(), name="move"),
    path("move/check/", visit.MoveCheck.as_view(), name="move_check"),
    path("move/<str:day>/", when.MoveTimes.as_view(), name="move_times"),
]

urlpatterns = [
    path("book/<slug:slug>/<slug:code>/", include(book)),
    path("appointments/<str:token>/", include(by_link)),
    path("calendars/<str:token>.ics", feed.calendar_feed, name="feed"),
    path("find/", find.Find.as_view(), name="find"),
]
