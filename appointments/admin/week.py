"""The calendar: a week of a host or an office, and how its hours change."""

from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from appointments.week import change_pages, copying, pages, row_pages
from offices.roles import Permission
from offices.staff import allowed

PAGES = {
    "": ("calendar", pages.Calendar),
    "weekly/": ("calendar_weekly", change_pages.AddWeekly),
    "once/": ("calendar_once", change_pages.AddOnce),
    "time-off/": ("calendar_time_off", change_pages.TimeOff),
    "copy/": ("calendar_copy", copying.CopyWeek),
    "hours/<int:pk>/day/": ("calendar_day", row_pages.ChangeBlock),
    "hours/<int:pk>/day/drop/": ("calendar_drop_day", row_pages.DropBlock),
    "hours/<int:pk>/series/": ("calendar_series", row_pages.Series),
    "hours/<int:pk>/series/drop/": ("calendar_end_series", row_pages.EndSeries),
    "exceptions/<int:pk>/": ("calendar_exception", row_pages.ChangeException),
    "exceptions/<int:pk>/drop/": ("calendar_drop_exception", row_pages.DropException),
    "closures/<int:pk>/": ("calendar_closure", row_pages.ChangeClosure),
    "closures/<int:pk>/end/": ("calendar_end_closure", row_pages.EndClosure),
    "holidays/<int:pk>/": ("calendar_holiday", row_pages.Holiday),
}

admin.site.add_page(
    "calendar",
    _("Calendar"),
    order=2,
    allowed=allowed(Permission.VIEW_APPOINTMENTS),
    urls=[
        path(f"calendar/{where}", page.as_view(), name=name)
        for where, (name, page) in PAGES.items()
    ],
)
