"""Making, using and revoking API keys: operations like those of offices.operations.

A key is `ak_<prefix>_<secret>`: the prefix tells people which it is. With 256 random
bits there is nothing to guess, so a plain hash is enough, and quick to look up.
"""

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from guardian.models import UserObjectPermission
from guardian.shortcuts import assign_perm

from accounts.models import User
from accounts.querysets import MACHINES
from offices.exceptions import KeyRevoked
from offices.history import added, recorded
from offices.models import ApiKey
from offices.permissions import require, require_any
from offices.roles import Permission

USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create(name, *, offices, permissions, by, expires_at=None):
    """Make a key for these offices; returns it and its secret, told only here.

    `by` must manage the members of each office, and can grant only what he or she
    may do there. Raises PermissionDenied.
    """
    for office in offices:
        for permission in {Permission.MANAGE_MEMBERS, *permissions}:
            require(by, permission, office)
    prefix = f"ak_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    user = User.objects.create_user(
        f"{uuid.uuid4()}@{MACHINES}", name=name, email_verified_at=timezone.now()
    )
    key = ApiKey.objects.create(
        name=name,
        user=user,
        prefix=prefix,
        digest=_digest(secret),
        permissions=sorted(permissions),
        created_by=by,
        expires_at=expires_at,
    )
    key.offices.set(offices)
    for office in offices:
        for permission in permissions:
            assign_perm(f"offices.{permission}", user, office)
    added(key, by=by)
    return key, secret


@transaction.atomic
def revoke(key, *, by):
    """Make a key worthless for ever. A manager of any of its offices may.

    Raises PermissionDenied, KeyRevoked.
    """
    require_any(by, Permission.MANAGE_MEMBERS, key.offices.all())
    key = ApiKey.objects.select_for_update(of=["self"]).get(pk=key.pk)
    if key.revoked_at:
        raise KeyRevoked
    key.revoked_at = timezone.now()
    with recorded(key, by=by):
        key.save(update_fields=["revoked_at"])
    User.objects.filter(pk=key.user_id).update(is_active=False)
    UserObjectPermission.objects.filter(user=key.user_id).delete()
    return key


def use(secret):
    """The key that a secret opens, with its user; None for one that opens nothing."""
    key = ApiKey.objects.live().filter(digest=_digest(secret)).first()
    if key is not None:
        _note_use(key)
    return key


def _note_use(key):
    """Once a minute is enough to know whether a key is still in use."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _digest(secret):
    return hashlib.sha256(secret.encode()).hexdigest()
