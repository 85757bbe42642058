from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import account, sign_in, views

app_name = "accounts"

urlpatterns = [
    path("sign-in/", sign_in.Login.as_view(), name="login"),
    path("sign-in/code/", sign_in.SecondStep.as_view(), name="second-step"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("account/", account.Account.as_view(), name="account"),
    path(
        "account/password/change/",
        account.ChangePassword.as_view(),
        name="change-password",
    ),
    path("account/second-step/", account.SetUp.as_view(), name="second-factor"),
    path(
        "account/second-step/codes/",
        account.NewRecoveryCodes.as_view(),
        name="recovery-codes",
    ),
    path(
        "account/second-step/off/",
        account.TurnOff.as_view(),
        name="second-factor-off",
    ),
    path("account/signed-in/end/", account.EndOthers.as_view(), name="end-others"),
    path(
        "account/signed-in/<uuid:pk>/end/",
        account.EndSignIn.as_view(),
        name="end-sign-in",
    ),
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
