"""What the pages about an office's messages have in common."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from notifications.models import Message
from offices.roles import Permission
from offices.staff import OfficePage

# The pages, what each asks for, and by which name it is given the office.
TABS = [
    ("messages", _("Who is told"), Permission.MANAGE_OFFICE, "office"),
    ("message_words", _("Words"), Permission.MANAGE_OFFICE, "office"),
    ("unheard", _("To call"), Permission.BOOK_APPOINTMENTS, "office"),
    (
        f"{Message._meta.app_label}_{Message._meta.model_name}_changelist",
        _("Message log"),
        Permission.VIEW_APPOINTMENTS,
        "appointment__office__id__exact",
    ),
]


class MessagesPage(OfficePage):
    """A page about the messages of one office, with tabs that lead to the others."""

    permission = Permission.MANAGE_OFFICE
    tab = ""

    def get_context_data(self, **kwargs):
        return super().get_context_data(tabs=self.tabs(), **kwargs)

    def tabs(self):
        """[{"title", "url", "is_current"}] of those that are the person's."""
        return [
            {
                "title": title,
                "url": self.address(name, key),
                "is_current": name == self.tab,
            }
            for name, title, permission, key in TABS
            if self.may(permission)
        ]

    def address(self, name, key="office", args=(), **query):
        """Of an admin page, about this office."""
        office = self.office.slug if key == "office" else self.office.pk
        about = urlencode({key: office, **query})
        return f"{reverse(f'admin:{name}', args=args)}?{about}"
