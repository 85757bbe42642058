from django.contrib.auth.signals import (
    user_logged_in,
    user_logged_out,
    user_login_failed,
)

from accounts import guessing, sessions

user_logged_in.connect(sessions.begin, dispatch_uid="accounts.sessions.begin")
user_logged_out.connect(sessions.over, dispatch_uid="accounts.sessions.over")
user_login_failed.connect(guessing.count_wrong, dispatch_uid="accounts.guessing.count")
