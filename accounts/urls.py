from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", views.Login.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path(
        "account/confirm/<str:token>/",
        views.ConfirmRegistration.as_view(),
        name="confirm",
    ),
    path(
        "account/password/<str:token>/",
        views.ChoosePassword.as_view(),
        name="password",
    ),
]
