"""How many messages the appointments of a period brought, and what became of them."""

from django.utils.translation import gettext as _

from appointments.statistics import charts
from appointments.statistics.charts import Figure, Series
from appointments.statistics.scope import OF_SCOPE
from appointments.statistics.words import whole
from availability.queries import rows
from notifications.states import Channel

# Each message in one column only. The appointments of the period are found first, by
# their index, and their messages by theirs.
COUNTS = f"""
SELECT message.channel,
       count(*) FILTER (WHERE message.status = 'sent' AND receipt = ''),
       count(*) FILTER (WHERE receipt = 'delivered'),
       count(*) FILTER (WHERE receipt IN ('bounced', 'complained')),
       count(*) FILTER (WHERE message.status = 'failed'),
       count(*) FILTER (WHERE message.status = 'dropped'),
       count(*) FILTER (WHERE message.status = 'queued')
FROM appointments_appointment AS visit
JOIN notifications_message AS message ON message.appointment_id = visit.id
WHERE {OF_SCOPE}
GROUP BY message.channel
"""  # noqa: S608 (put together from our own constants)  # nosec B608


def figure(scope):
    """The Figure of a statistics Scope, in one statement."""
    found = {channel: counts for channel, *counts in rows(COUNTS, scope.about())}
    names = [
        _("Sent"),
        _("Delivered"),
        _("Bounced or unwanted"),
        _("Failed"),
        _("Dropped"),
        _("Queued"),
    ]
    return Figure(
        "messages",
        _("Messages"),
        _("About these appointments. Dropped: of no use, or the address is blocked."),
        heading=_("What became of them"),
        labels=names,
        series=[
            Series(str(channel.label), found.get(channel, [0] * len(names)))
            for channel in Channel
        ],
        draw=charts.bars,
        show=whole,
    )
