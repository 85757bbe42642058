"""Where somebody is signed in with a browser: a SignIn row for each session.

The session knows its row (`sign_in`) and the hour that was last noted in it. So the
row is written at the sign-in and once an hour, and no address is kept at all.
"""

import time
import uuid
from datetime import timedelta

import structlog
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.utils import timezone

from accounts import devices
from accounts.models import SignIn
from accounts.querysets import SignInKind

ROW = "sign_in"  # in the session: the row's id and the hour it was last noted
HOUR = 3600

logger = structlog.get_logger(__name__)


def begin(sender, request, user, by_api=False, **kwargs):
    """Signal user_logged_in: note a browser's new session."""
    session = getattr(request, "session", None)
    if by_api or session is None:
        return
    if session.session_key is None:
        session.save()
    now = timezone.now()
    row = SignIn.objects.create(
        user=user,
        kind=SignInKind.BROWSER,
        token=session.session_key,
        device=devices.words(request),
        last_seen_at=now,
        expires_at=now + timedelta(seconds=session.get_expiry_age()),
    )
    session[ROW] = [row.pk.hex, _hour()]


def over(sender, request, user, **kwargs):
    """Signal user_logged_out."""
    pk = row_of(request)
    if pk is not None:
        SignIn.objects.filter(pk=pk).end()


def row_of(request):
    """The id of this browser's row; None where nobody is signed in."""
    noted = request.session.get(ROW)
    return uuid.UUID(hex=noted[0]) if noted else None


def note(request):
    """Once an hour, note that the session is in use; one that has ended ends now."""
    session = request.session
    if not session.accessed or SESSION_KEY not in session:
        return
    pk, hour = session.get(ROW, (None, None))
    if hour == _hour():
        return
    if pk is None:  # signed in before there were rows
        return
    now = timezone.now()
    rows = SignIn.objects.filter(pk=pk, ended_at=None)
    expires_at = now + timedelta(seconds=session.get_expiry_age())
    if not rows.update(
        last_seen_at=now, token=session.session_key, expires_at=expires_at
    ):
        session.flush()
        return
    session[ROW] = [pk, _hour()]


class NoteUseMiddleware:
    """Note where people are signed in. A database that takes no writes does no harm."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code < 500:
            try:
                note(request)
            except DatabaseError as error:
                logger.warning("use_not_noted", error=type(error).__name__)
        return response


def end_all(user, *, by, but=None):
    """End all sign-ins of somebody, but one; by themselves or an admin.

    Returns how many. Raises PermissionDenied.
    """
    if by is not None and not (by.is_superuser or by == user):
        raise PermissionDenied
    return user.sign_ins.exclude(pk=but).end()


def _hour():
    return int(time.time()) // HOUR
