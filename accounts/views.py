from math import ceil

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth import views
from django.shortcuts import render, resolve_url


class Login(views.LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    extra_context = {"site_name": settings.SITE_NAME}  # Django would say the host

    def get_default_redirect_url(self):
        """Staff begin in the admin."""
        if self.request.user.is_staff:
            return resolve_url("admin:index")
        return super().get_default_redirect_url()


def locked_out(request, response, credentials):
    """What axes answers after too many wrong passwords, on every way to sign in.

    Trying again too early starts the wait anew, so that it is always this long.
    """
    minutes = ceil(get_cool_off(request).total_seconds() / 60)
    about = {"retry_minutes": minutes}
    return render(request, "accounts/locked_out.html", about, status=429)
