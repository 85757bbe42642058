"""Texts of Django's admin that Django itself has not got in all our languages.

Nothing imports this: it is here for `makemessages`, so that our catalogues have
them. A catalogue of ours goes before Django's.
"""

from django.utils.translation import gettext_noop as _

# Lists
_("- Select an option -")
_("Run")
_("Filter by %(field_name)s")
_("Search %(name)s")
_("Pagination %(name)s")
_("Pagination %(name)s entries")

# Deleting
_(
    "Are you sure you want to delete the %(object_name)s “%(escaped_object)s”? All of "
    "the following related items will be deleted:"
)
_(
    "Deleting the %(object_name)s “%(escaped_object)s” would require deleting the "
    "following protected related objects:"
)
_(
    "Deleting the %(object_name)s “%(escaped_object)s” would result in deleting "
    "related objects, but your account doesn't have permission to delete the following "
    "types of objects:"
)

# Accounts
_("After you’ve created a user, you’ll be able to edit more user options.")
_("Password-based authentication")
_(
    "Whether the user will be able to authenticate using a password or not. If "
    "disabled, they may still be able to authenticate using other backends, such as "
    "Single Sign-On or LDAP."
)
_("Enabled")
_("Disabled")
_("Set password")
_("Set password: %s")
_("Reset password")
_("Raw passwords are not stored, so there is no way to see the user’s password.")
_("Enable password-based authentication for this user by setting a password.")
_(
    "This action will <strong>enable</strong> password-based authentication for "
    "this user."
)
_("Enable password-based authentication")
_("Disable password-based authentication")
_("Password-based authentication was disabled.")
_("Conflicting form data submitted. Please try again.")
