from django.urls import path

from offices import views

app_name = "invitations"

urlpatterns = [
    path(
        "account/invitation/<str:token>/",
        views.AcceptInvitation.as_view(),
        name="accept",
    )
]
