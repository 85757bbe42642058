"""The pages for the work with messages, and where others show what they find."""

from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from appointments.admin import first_page
from appointments.statistics import page as statistics
from notifications import counts
from notifications.admin.calling import SendAgain, Unheard, to_do
from notifications.admin.choosing import Choosing
from notifications.admin.words import Edit, MailPreview, Words
from offices.roles import Permission
from offices.staff import allowed

PLACE = "messages/words/<slug:kind>/<slug:channel>/<slug:language>/"

admin.site.add_page(
    "messages",
    _("Messages"),
    order=9,
    allowed=allowed(Permission.MANAGE_OFFICE),
    urls=[
        path("messages/", Choosing.as_view(), name="messages"),
        path("messages/words/", Words.as_view(), name="message_words"),
        path(PLACE, Edit.as_view(), name="message_edit"),
        path(f"{PLACE}mail/", MailPreview.as_view(), name="message_mail"),
    ],
)

admin.site.add_page(
    "unheard",
    _("To call"),
    hidden=True,
    allowed=allowed(Permission.BOOK_APPOINTMENTS),
    urls=[
        path("to-call/", Unheard.as_view(), name="unheard"),
        path(
            "to-call/<int:pk>/send-again/",
            SendAgain.as_view(),
            name="message_send_again",
        ),
    ],
)

first_page.MORE_TO_DO.append(to_do)
statistics.MORE_FIGURES.append(counts.figure)
