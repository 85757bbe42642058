"""Who may do what at an office. `None` is the system itself and may everything."""

from django.core.exceptions import PermissionDenied


def may(user, permission, office):
    """Whether `user` holds an office permission (offices.roles.Permission)."""
    return user is None or user.has_perm(f"offices.{permission}", office)


def require(user, permission, office):
    """Raise PermissionDenied unless `user` may."""
    if not may(user, permission, office):
        raise PermissionDenied


def require_any(user, permission, offices):
    """Raise PermissionDenied unless `user` may at one of these offices at least."""
    if user is not None and not any(may(user, permission, o) for o in offices):
        raise PermissionDenied
