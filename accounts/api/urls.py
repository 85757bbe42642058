from django.urls import path

from accounts.api import views

urlpatterns = [
    path("auth/register", views.Register.as_view(), name="register"),
    path("auth/verify-email", views.VerifyEmail.as_view(), name="verify-email"),
    path("auth/login", views.Login.as_view(), name="login"),
    path("auth/refresh", views.Refresh.as_view(), name="refresh"),
    path("auth/logout", views.Logout.as_view(), name="logout"),
    path(
        "auth/password/change", views.ChangePassword.as_view(), name="password-change"
    ),
    path("auth/password/reset", views.AskForReset.as_view(), name="password-reset"),
    path(
        "auth/password/reset/confirm",
        views.ResetPassword.as_view(),
        name="password-reset-confirm",
    ),
]
