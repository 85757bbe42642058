"""The second step of a sign-in: turning it on, asking for it, taking it away.

A wrong code has to be counted, so what proves a code commits before it refuses; the
functions that ask for one are therefore not transactions as a whole.
"""

from datetime import timedelta
from math import ceil

import structlog
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import codes, sessions
from accounts.exceptions import (
    NoSecondFactor,
    OwnSecondFactor,
    SecondFactorNeeded,
    TooManyCodes,
    WrongCode,
)
from accounts.models import MailKind, SecondFactor, User
from accounts.owing import owe, warn

MOST_WRONG = 5  # in a row; from then on, each wrong one costs a wait
SHORTEST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)
SUPERUSER = "superuser"

logger = structlog.get_logger(__name__)


def of(user):
    """The second factor of somebody, or None."""
    return SecondFactor.objects.live().filter(user=user).first()


def is_required(user):
    """Whether a role of theirs must have one (TOTP_REQUIRED_ROLES)."""
    roles = settings.TOTP_REQUIRED_ROLES
    if not roles or user.is_machine:
        return False
    if user.is_superuser and SUPERUSER in roles:
        return True
    return user.memberships.current().filter(role__in=roles).exists()


def is_missing(user):
    return is_required(user) and of(user) is None


def prove(user, code):
    """Use up a code of theirs, from the phone or a recovery code.

    Raises WrongCode, TooManyCodes, NoSecondFactor.
    """
    refusal = _spend(user, codes.tidy(code))
    if refusal is not None:
        raise refusal


@transaction.atomic
def _spend(user, code):
    """Take a code; returns the refusal, so that a wrong one stays counted."""
    factor = SecondFactor.objects.live().select_for_update().filter(user=user).first()
    if factor is None:
        return NoSecondFactor()
    wait = _wait(factor)
    if wait:
        return TooManyCodes(ceil(wait / timedelta(minutes=1)))
    if not _take(factor, code):
        _count_wrong(factor)
        return WrongCode()
    factor.failures = 0
    factor.save(update_fields=["last_step", "recovery_codes", "failures"])
    return None


def _take(factor, code):
    step = codes.step_of(factor.seed, code, after=factor.last_step)
    if step is not None:
        factor.last_step = step
        return True
    digest = codes.digest(code)
    if len(code) == codes.RECOVERY_LENGTH and digest in factor.recovery_codes:
        factor.recovery_codes.remove(digest)
        logger.warning("recovery_code_used", user=factor.user_id)
        return True
    return False


def _count_wrong(factor):
    factor.failures += 1
    factor.failed_at = timezone.now()
    factor.save(update_fields=["failures", "failed_at"])
    logger.warning("second_factor_wrong", user=factor.user_id, times=factor.failures)
    if factor.failures == MOST_WRONG:
        warn(factor.user)


def _wait(factor):
    """How long no code is taken yet: a minute after five wrong ones, then double."""
    if factor.failures < MOST_WRONG:
        return timedelta()
    doubled = SHORTEST_WAIT * 2 ** min(factor.failures - MOST_WRONG, 10)
    until = factor.failed_at + min(doubled, LONGEST_WAIT)
    return max(until - timezone.now(), timedelta())


def turn_on(request, user, *, seed, code, password, current=""):
    """Have codes asked for from now on, also instead of those of another phone.

    `code` is of the new phone, `current` of the present one (or a recovery code).
    Every other sign-in ends. Returns the recovery codes, which nobody sees again.
    Raises ValidationError, WrongCode, TooManyCodes.
    """
    check_password(request, user, password)
    step = codes.step_of(seed, codes.tidy(code))
    if step is None:
        raise ValidationError({"code": ValidationError(WrongCode.message, "wrong")})
    if of(user) is not None:
        prove(user, current)
    return _replace(user, seed, step, but=sessions.row_of(request))


@transaction.atomic
def _replace(user, seed, step, *, but):
    user = User.objects.select_for_update().get(pk=user.pk)
    _end(user, by=user)
    recovery = codes.new_recovery_codes()
    SecondFactor.objects.create(
        user=user,
        seed=seed,
        last_step=step,
        recovery_codes=[codes.digest(each) for each in recovery],
    )
    sessions.end_all(user, by=user, but=but)
    owe(MailKind.SECOND_FACTOR_ON, user.email, user.language)
    logger.warning("second_factor_on", user=user.pk)
    return recovery


def turn_off(request, user, *, code, password):
    """Ask for no more codes. Raises as turn_on, and SecondFactorNeeded."""
    check_password(request, user, password)
    if is_required(user):
        raise SecondFactorNeeded
    prove(user, code)
    _forget(user, by=user)


def renew_recovery_codes(request, user, *, code, password):
    """Ten new recovery codes; the old ones are worthless. Raises as turn_on."""
    check_password(request, user, password)
    prove(user, code)
    recovery = codes.new_recovery_codes()
    digests = [codes.digest(each) for each in recovery]
    SecondFactor.objects.live().filter(user=user).update(recovery_codes=digests)
    logger.warning("recovery_codes_renewed", user=user.pk)
    return recovery


def reset(user, *, by):
    """Take the second factor from somebody who has lost it; it is recorded.

    Admins may; managers may where all of the person's offices are theirs. Every
    sign-in ends. Raises PermissionDenied, OwnSecondFactor, NoSecondFactor.
    """
    if by == user:
        raise OwnSecondFactor
    if by is not None and not by.is_superuser and not _manages(by, user):
        raise PermissionDenied
    if not _forget(user, by=by):
        raise NoSecondFactor


@transaction.atomic
def _forget(user, *, by):
    user = User.objects.select_for_update().get(pk=user.pk)
    if not _end(user, by=by):
        return False
    if by != user:
        sessions.end_all(user, by=None)
    owe(MailKind.SECOND_FACTOR_OFF, user.email, user.language)
    logger.warning("second_factor_off", user=user.pk, by=by and by.pk)
    return True


def _end(user, *, by):
    return (
        SecondFactor.objects.live()
        .filter(user=user)
        .update(ended_at=timezone.now(), ended_by=by, seed="", recovery_codes=[])
    )


def _manages(by, user):
    """Whether all offices that `user` works at are managed by `by`; one at least."""
    if user.is_superuser:
        return False
    theirs = set(user.memberships.current().values_list("office", flat=True))
    managed = by.memberships.current().managing().values_list("office", flat=True)
    return bool(theirs) and theirs <= set(managed)


def check_password(request, user, password):
    """The present password, typed once more; a wrong one counts as at a sign-in.

    Raises ValidationError.
    """
    if authenticate(request, username=user.email, password=password) != user:
        message = _("This is not your present password.")
        raise ValidationError({"password": ValidationError(message, "wrong")})
