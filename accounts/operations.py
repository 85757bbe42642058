"""Everything that changes an account, or how somebody is signed in by API.

Who asks for a mail learns nothing about who has an account: the request is the same
work either way, and the mail itself says what is the case.
"""

import uuid
from hmac import compare_digest

import structlog
from axes.utils import reset as reset_lockout
from django.conf import settings
from django.contrib.auth import authenticate, password_validation
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import devices, guessing, links, second_factor
from accounts.exceptions import AlreadyConfirmed, OwnAccount, SecondFactorRequired
from accounts.models import (
    AccountMail,
    MailKind,
    MailStatus,
    Registration,
    SignIn,
    User,
)
from accounts.owing import owe

logger = structlog.get_logger(__name__)


@transaction.atomic
def register(*, email, password, name, phone="", language=""):
    """Owe a mail that confirms an account, or one that says there is one already.

    Raises ValidationError for an address of a domain that may not register, and for
    a weak password.
    """
    email = User.objects.normalize_email(email)
    check_domain(email)
    _check_password(password, User(email=email, name=name))
    registration = Registration.objects.create(
        email=email,
        name=name,
        phone=phone,
        language=language or get_language() or "",
        password=make_password(password),
    )
    owe(MailKind.REGISTRATION, email, registration.language, registration)
    return registration


@transaction.atomic
def verify_email(token, *, password, name=""):
    """Make the account that a registration asked for, for who reads mail there.

    Somebody else may have registered the address. So it is this password that opens
    the account, and the phone that was given is taken over only from who knows the
    one of the registration. The first registration confirmed for an address wins.
    Raises LinkInvalid, AlreadyConfirmed, ValidationError for a weak password.
    """
    registration = links.registration_for(token)
    registration = Registration.objects.select_for_update().get(pk=registration.pk)
    if registration.user_id:
        raise AlreadyConfirmed
    name = name or registration.name
    _check_password(password, User(email=registration.email, name=name))
    is_same = check_password(password, registration.password)
    user, created = User.objects.get_or_create(
        email=registration.email,
        defaults={
            "name": name,
            "phone": registration.phone if is_same else "",
            "language": registration.language,
            "password": registration.password if is_same else make_password(password),
            "email_verified_at": timezone.now(),
        },
    )
    if not created:
        raise AlreadyConfirmed
    registration.user = user
    registration.save(update_fields=["user"])
    return user


def sign_in(request, *, email, password, otp=""):
    """Sign in by API; None where address or password is wrong, or locked out.

    After that, `request.axes_locked_out` says whether too many were wrong. `otp` is
    the code of who has a second factor. Raises SecondFactorRequired, WrongCode,
    TooManyCodes.
    """
    email = User.objects.normalize_email(email)
    user = authenticate(request, username=email, password=password)
    if user is None:
        return None
    _second_step(user, otp)
    user_logged_in.send(User, request=request, user=user, by_api=True)
    now = timezone.now()
    return SignIn.objects.create(
        user=user,
        token=uuid.uuid4().hex,
        device=devices.words(request),
        last_seen_at=now,
        expires_at=now + settings.REFRESH_TOKEN_LIFETIME,
    )


def _second_step(user, otp):
    if second_factor.of(user) is not None:
        if not otp:
            raise SecondFactorRequired
        second_factor.prove(user, otp)
    elif second_factor.is_required(user):
        raise SecondFactorRequired(SecondFactorRequired.not_set_up)


@transaction.atomic
def refresh(sign_in_id, token):
    """Replace the refresh token of a sign-in; None if it is not the present one.

    A token used twice has been copied: the sign-in ends, for the thief as well. It
    ends too where a second factor is required meanwhile, and there is none.
    """
    rows = SignIn.objects.of_apps().select_for_update(of=["self"])
    sign_in = rows.live().filter(pk=sign_in_id).select_related("user").first()
    is_current = sign_in is not None and compare_digest(sign_in.token, token)
    if not is_current or second_factor.is_missing(sign_in.user):
        sign_out(sign_in_id)
        return None
    sign_in.token = uuid.uuid4().hex
    sign_in.last_seen_at = timezone.now()
    sign_in.expires_at = sign_in.last_seen_at + settings.REFRESH_TOKEN_LIFETIME
    sign_in.save(update_fields=["token", "last_seen_at", "expires_at"])
    return sign_in


def sign_out(sign_in_id):
    """End a sign-in, by whoever holds its token; again: nothing happens."""
    SignIn.objects.filter(pk=sign_in_id).end()


def end_sign_in(sign_in, *, by):
    """End one's own sign-in, or as an admin anybody's. Raises PermissionDenied."""
    if by is not None and not (by.is_superuser or sign_in.user_id == by.pk):
        raise PermissionDenied
    sign_out(sign_in.pk)


def change_profile(user, *, by, **changes):
    """Change one's own name, phone or language. Raises PermissionDenied."""
    if by is not None and (by != user or user.is_machine):
        raise PermissionDenied
    for field, value in changes.items():
        setattr(user, field, value)
    user.full_clean(exclude=["password", "email"])
    user.save(update_fields=list(changes))
    return user


def change_password(request, user, *, current, new):
    """Set a new password and end every sign-in. Raises ValidationError.

    A wrong present one counts as at a sign-in, so this is outside of the transaction;
    then `request.axes_locked_out` says whether too many were wrong.
    """
    if authenticate(request, username=user.email, password=current) != user:
        message = _("This is not your present password.")
        raise ValidationError({"current_password": ValidationError(message, "wrong")})
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        _check_password(new, user, "new_password")
        return _set_password(user, new)


@transaction.atomic
def set_password(user, new, *, by):
    """Set somebody's password, None for none, as an admin. Every sign-in ends.

    Raises PermissionDenied.
    """
    _require_admin(by)
    return _set_password(User.objects.select_for_update().get(pk=user.pk), new)


@transaction.atomic
def ask_for_reset(email):
    """Owe a mail with a link to a new password, if there is such an account."""
    email = User.objects.normalize_email(email)
    return owe(MailKind.PASSWORD_RESET, email, get_language() or "")


@transaction.atomic
def reset_password(token, *, new):
    """Set the password of whoever holds the link, and end every sign-in.

    Reading mail at the address is proof enough to lift a lockout, too. Raises
    LinkInvalid, ValidationError.
    """
    pk = links.user_for_reset(token).pk
    user = User.objects.select_for_update().get(pk=pk)
    links.user_for_reset(token)  # again, under the lock: it works once
    _check_password(new, user, "new_password")
    unlock(user, by=None)
    if user.email_verified_at is None:
        user.email_verified_at = timezone.now()
        user.save(update_fields=["email_verified_at"])
    return _set_password(user, new)


@transaction.atomic
def owe_invitation(email, *, reference, **about):
    """Owe a mail with the link of an invitation; `about` is what it says besides."""
    about = {"reference": reference, **about}
    return owe(MailKind.INVITATION, email, get_language() or "", about=about)


def drop_invitation(reference):
    """Have a mail that is still owed for an invitation not be sent."""
    owed = AccountMail.objects.filter(
        kind=MailKind.INVITATION, status=MailStatus.QUEUED
    )
    owed.filter(about__reference=reference).update(status=MailStatus.DROPPED)


@transaction.atomic
def open_account(email, *, name, password):
    """Make the account of somebody who has been invited, and reads mail there.

    Raises ValidationError for a weak password.
    """
    _check_password(password, User(email=email, name=name), "new_password")
    return User.objects.create_user(
        email,
        password,
        name=name,
        language=get_language() or "",
        email_verified_at=timezone.now(),
    )


@transaction.atomic
def deactivate(user, *, by):
    """Close an account: nobody signs in to it, and every sign-in ends now.

    The password goes with it, so that no old session comes back when the account is
    opened again. Raises PermissionDenied, OwnAccount.
    """
    _require_admin(by)
    if by == user:
        raise OwnAccount
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["is_active", "password"])
    user.sign_ins.end()
    logger.warning("account_closed", user=user.pk, by=by and by.pk)
    return user


@transaction.atomic
def reactivate(user, *, by):
    """Open an account again; its owner chooses a password by mail, which is owed.

    Raises PermissionDenied.
    """
    _require_admin(by)
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = True
    user.save(update_fields=["is_active"])
    owe(MailKind.PASSWORD_RESET, user.email, user.language)
    logger.warning("account_opened", user=user.pk, by=by and by.pk)
    return user


def _require_admin(by):
    if by is not None and not by.is_superuser:
        raise PermissionDenied


def unlock(user, *, by):
    """Forget wrong passwords, so that `user` may try again at once.

    Returns how many rows were forgotten. Raises PermissionDenied.
    """
    _require_admin(by)
    guessing.forget(user.email)
    return reset_lockout(username=user.email)


def check_domain(email):
    """Raise ValidationError for an address of a domain that gets no accounts."""
    allowed = settings.ALLOWED_EMAIL_DOMAINS
    if allowed and email.rpartition("@")[2] not in allowed:
        message = _("Only addresses of these domains may register: {}.").format(
            ", ".join(allowed)
        )
        raise ValidationError({"email": ValidationError(message, "domain_not_allowed")})


def _check_password(password, user, field="password"):
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        raise ValidationError({field: error.error_list}) from error


def _set_password(user, new):
    user.set_password(new)
    user.save(update_fields=["password"])
    user.sign_ins.end()
    owe(MailKind.PASSWORD_CHANGED, user.email, user.language)
    return user
