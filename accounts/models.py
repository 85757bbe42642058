import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.querysets import (
    MACHINES,
    AccountMailQuerySet,
    RegistrationQuerySet,
    SecondFactorQuerySet,
    SignInKind,
    SignInQuerySet,
    UserQuerySet,
)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Makes users; an e-mail address is stored in lower case."""

    def create_user(self, email, password=None, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )

    @classmethod
    def normalize_email(cls, email):
        return (email or "").strip().lower()

    def get_by_natural_key(self, email):
        return self.get(email=self.normalize_email(email))


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in: staff, or a citizen who wants an account.

    What a person may do at an office comes from memberships alone; a superuser
    (the system's admin) may do everything.
    """

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(
        _("may enter the staff pages"),
        default=False,
        help_text=_("Set by memberships; only set it by hand for admins."),
    )
    email_verified_at = models.DateTimeField(
        _("e-mail address verified"), null=True, blank=True
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                name="user_email_is_lower_case",
                condition=Q(email=Lower(F("email"))),
                violation_error_message=_(
                    "Write the e-mail address in lower-case letters."
                ),
            ),
        ]

    def __str__(self):
        return self.name or self.email

    def clean(self):
        self.email = type(self).objects.normalize_email(self.email)

    @property
    def is_machine(self):
        """Whether this is a program, behind an API key, and nobody who signs in."""
        return self.email.endswith(f"@{MACHINES}")

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0] if self.name else self.email


class SignIn(models.Model):
    """One sign-in, from the password to the sign-out.

    By API it is a family of tokens: its refresh token is `token` (the id inside it),
    replaced at each refresh, and while it has not ended, its access tokens are good.
    In a browser, `token` is the key of the session (accounts.sessions). `device` is
    words like "Firefox on Windows"; no address is kept, and of the last use the hour.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="sign_ins", verbose_name=_("user")
    )
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=SignInKind,
        default=SignInKind.API,
        db_default=SignInKind.API,
    )
    token = models.CharField(_("id of the refresh token"), max_length=32)
    device = models.CharField(_("device"), max_length=80, blank=True, db_default="")
    last_seen_at = models.DateTimeField(_("last used"), null=True, blank=True)
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = SignInQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        indexes = [models.Index(name="signin_expires_at", fields=["expires_at"])]
        constraints = [
            models.CheckConstraint(
                name="signin_kind_known", condition=Q(kind__in=SignInKind.values)
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.created_at:%Y-%m-%d %H:%M}"


class SecondFactor(models.Model):
    """The one-time codes of somebody, asked for after the password until it ended.

    What their phone holds is made of `seed` and SECRET_KEY (accounts.codes). Each
    code works once: `last_step` is the time step of the last. Recovery codes are
    digests, and gone when used. Written by accounts.second_factor.
    """

    user = models.ForeignKey(
        User, models.CASCADE, related_name="second_factors", verbose_name=_("user")
    )
    seed = models.CharField(_("seed"), max_length=32, blank=True)
    last_step = models.BigIntegerField(_("last time step"), default=0)
    recovery_codes = models.JSONField(_("recovery codes"), default=list, blank=True)
    failures = models.PositiveIntegerField(_("wrong codes in a row"), default=0)
    failed_at = models.DateTimeField(_("last wrong code"), null=True, blank=True)
    created_at = models.DateTimeField(_("turned on"), default=timezone.now)
    ended_at = models.DateTimeField(_("turned off"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("turned off by"),
        help_text=_("Nobody: by command, on the server."),
    )

    objects = SecondFactorQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("second step")
        verbose_name_plural = _("second steps")
        constraints = [
            models.UniqueConstraint(
                name="secondfactor_one_each",
                fields=["user"],
                condition=Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="secondfactor_ended_knows_no_secret",
                condition=Q(ended_at=None) | Q(seed="", recovery_codes=[]),
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.created_at:%Y-%m-%d %H:%M}"


class Registration(models.Model):
    """An account that somebody asked for, until its address is shown to be theirs.

    It becomes a user when the link in its mail is used, and not before, with the
    password that is chosen then: nobody can occupy an address, or a password for it,
    that is another's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("phone"), max_length=32, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    password = models.CharField(_("password"), max_length=128)
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, verbose_name=_("user")
    )
    created_at = models.DateTimeField(_("asked"), default=timezone.now)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")

    def __str__(self):
        return f"{self.name} <{self.email}>"


class MailKind(models.TextChoices):
    REGISTRATION = "registration", _("Confirm a registration")
    PASSWORD_RESET = "password_reset", _("Choose a new password")
    PASSWORD_CHANGED = "password_changed", _("The password was changed")
    INVITATION = "invitation", _("Invite somebody to work at an office")
    ERASED = "erased", _("Personal data was deleted")
    SECOND_FACTOR_ON = "second_factor_on", _("The second step was turned on")
    SECOND_FACTOR_OFF = "second_factor_off", _("The second step was turned off")
    ATTACK = "attack", _("Somebody is guessing the password or the code")


class MailStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("Dropped")
    FAILED = "failed", _("Failed")


class AccountMail(models.Model):
    """A mail about an account that is owed to an address, until it is sent.

    Written in the transaction of what it tells; what it says, and whether there is
    an account at all, is found out when it is sent (accounts.mail). So asking for a
    mail is the same work whether or not somebody has an account.
    """

    kind = models.CharField(_("kind"), max_length=24, choices=MailKind)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=12, blank=True)
    registration = models.ForeignKey(
        Registration,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("registration"),
    )
    about = models.JSONField(
        _("about"),
        default=dict,
        blank=True,
        help_text=_("Of an invitation: which it is, and what the mail says of it."),
    )
    status = models.CharField(
        _("status"), max_length=16, choices=MailStatus, default=MailStatus.QUEUED
    )
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = AccountMailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("account mail")
        verbose_name_plural = _("account mails")
        indexes = [
            models.Index(
                name="accountmail_due",
                fields=["due_at"],
                condition=Q(status=MailStatus.QUEUED),
            ),
            models.Index(
                name="accountmail_failed",
                fields=["due_at"],
                condition=Q(status=MailStatus.FAILED),
            ),
            models.Index(name="accountmail_email", fields=["email", "created_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="accountmail_kind_known", condition=Q(kind__in=MailKind.values)
            ),
            models.CheckConstraint(
                name="accountmail_status_known",
                condition=Q(status__in=MailStatus.values),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.email}"
