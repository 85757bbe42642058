from django.urls import path

from notifications import views

app_name = "notifications"

urlpatterns = [
    path("dev/mail/", views.mail_list, name="mail_list"),
    path("dev/mail/<slug:key>/", views.mail, name="mail"),
    path("dev/mail/<slug:key>/html/", views.mail_html, name="mail_html"),
    path(
        "dev/mail/<slug:key>/files/<int:number>/",
        views.mail_file,
        name="mail_file",
    ),
]
