from django.urls import path

from notifications import views
from notifications.callbacks import SmsIncoming, SmsStatus

app_name = "notifications"

urlpatterns = [
    path("sms/status/", SmsStatus.as_view(), name="sms_status"),
    path("sms/incoming/", SmsIncoming.as_view(), name="sms_incoming"),
    path("dev/mail/", views.mail_list, name="mail_list"),
    path("dev/mail/<slug:key>/", views.mail, name="mail"),
    path("dev/mail/<slug:key>/html/", views.mail_html, name="mail_html"),
    path(
        "dev/mail/<slug:key>/files/<int:number>/",
        views.mail_file,
        name="mail_file",
    ),
]
