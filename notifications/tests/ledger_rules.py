"""What is owed, and when it may be sent: a second opinion, for tests.

Written from the rules that people are promised, in words and numbers of its own. It
is told what happened to appointments and what providers said, and asks nothing of
the code that it judges. Times are aware, and in UTC.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

TELLING = [
    *("requested", "booked", "approved", "denied"),
    *("rescheduled", "postponed", "cancelled"),
]
# After these, what was still to be told no longer holds.
REPLACING = {
    *("approved", "denied", "rescheduled", "postponed", "cancelled"),
    *("completed", "no_show"),
}
# After these there is a time to be reminded of, if it stands.
REMINDING = {"booked", "approved", "rescheduled", "postponed", "undone"}
# These may give it to another host.
GIVING = {"reassigned", "rescheduled", "postponed"}
WITHOUT_OUTCOME = {"confirmed", "checked_in", "in_progress"}

# What every office sends unless it says otherwise: (what, to whom, by what).
USUAL = [
    *((kind, "citizen", "mail") for kind in TELLING),
    ("reminder", "citizen", "mail"),
    ("reminder", "citizen", "sms"),
    ("late", "citizen", "sms"),
    ("requested", "office", "mail"),
    ("unclosed", "host", "mail"),
]

LEASE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(minutes=60 * 1.25)  # an hour, and what chance adds
OUTAGE_ECHO = timedelta(minutes=10 + 10 * 1.25)  # one pause, and one put off in it
DAY = timedelta(hours=24)


@dataclass
class Place:
    """An office, as far as messages go."""

    pk: int
    zone: ZoneInfo
    mail_hours: list
    sms_hours: list
    quiet: tuple
    late_after: timedelta | None
    mailbox: str
    choices: set
    staff: set = field(default_factory=set)  # e-mail addresses of who works there

    def quiet_around(self, instant):
        """(begin, end) of the quiet hours that it falls into, or None."""
        begins, ends = self.quiet
        wall = instant.astimezone(self.zone)
        clock, day = wall.time(), wall.date()
        if begins < ends and begins <= clock < ends:
            first, last = day, day
        elif begins > ends and clock >= begins:
            first, last = day, day + timedelta(days=1)
        elif begins > ends and clock < ends:
            first, last = day - timedelta(days=1), day
        else:
            return None
        return self.at(first, begins), self.at(last, ends)

    def at(self, day, clock):
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def day_of(self, instant):
        return instant.astimezone(self.zone).date()


@dataclass
class Visit:
    """An appointment as it now is."""

    pk: object
    place: Place
    mail: str
    phone: str
    walked_in: bool
    status: str = ""
    starts_at: datetime = None
    ends_at: datetime = None
    host: int = 0
    host_mail: str = ""
    whose: tuple = (0, "")  # host and his address, as the last event left it
    called: bool = False
    last_event: int = 0
    check_in: int = 0
    told_late: bool = False
    owed: list = field(default_factory=list)


@dataclass(eq=False)
class Owed:
    """One thing that somebody must be told."""

    visit: Visit
    event: int
    kind: str
    who: str
    channel: str
    to: str
    planned: datetime
    closed: datetime | None = None  # something newer has happened
    refused: bool = False  # for good
    was_useless: bool = False  # at some time while it was open
    tries: int = 0  # that somebody began and that led to nothing
    rests_until: datetime | None = None
    sent: list = field(default_factory=list)  # (when, whether its sender was killed)

    @property
    def identity(self):
        about = (self.event, self.kind, self.channel, self.who, self.to)
        return (*about, self.planned)

    @property
    def is_open(self):
        """Whether it is still to be sent, as far as we know."""
        return not (self.closed or self.refused or self.is_told)

    @property
    def is_told(self):
        """Whether it was sent, and we know it."""
        return any(not killed for _when, killed in self.sent)


class Rules:
    """What is owed of all visits, and to which addresses nothing may be sent."""

    def __init__(self):
        self.visits = {}
        self.owed = []
        self.blocked = {}  # (channel, address): since when
        self.asked = {}  # (host, day): what asks for its outcomes

    # --- What happens -----------------------------------------------------------

    def look(self, visit, now):
        """Remember what is useless now; call it before anything changes."""
        for owed in visit.owed:
            if not owed.closed:
                owed.was_useless |= self.is_useless(owed, now)

    def happened(self, visit, event, kind, at, by):
        """`by` is the e-mail address of the user who did it, if one did."""
        self._close([o for o in visit.owed if self._ends(kind, o)], at)
        visit.last_event = event
        if kind == "checked_in":
            visit.check_in = event
        if kind in TELLING:
            for who, channel, to in self._told(visit, kind, by):
                self._owe(visit, event, kind, who, channel, to, at)
        if kind in GIVING:
            for who, to in self._told_of_hands(visit, kind, by):
                self._owe(visit, event, "reassigned", who, "mail", to, at)
        if kind != "approved":  # which at another time comes after it was moved
            visit.whose = (visit.host, visit.host_mail)
        if kind in REMINDING and visit.status == "confirmed":
            for channel, to, planned in self._reminders(visit, at):
                self._owe(visit, event, "reminder", "citizen", channel, to, planned)

    def time_for_late(self, now):
        for visit in self.visits.values():
            after = visit.place.late_after
            waits = visit.status == "checked_in" and not visit.called
            if not waits or after is None or visit.told_late:
                continue
            if visit.starts_at + after < now:
                for who, channel, to in self._told(visit, "late", None):
                    about = (who, channel, to, visit.starts_at)
                    self._owe(visit, visit.check_in, "late", *about)
                    visit.told_late = True

    def time_for_unclosed(self, now):
        """Each host is asked for yesterday's outcomes once, about the last of them."""
        last = {}
        for visit in self.visits.values():
            day = visit.place.day_of(visit.starts_at)
            yesterday = visit.place.day_of(now) - timedelta(days=1)
            if visit.status in WITHOUT_OUTCOME and day == yesterday:
                known = last.get((visit.host, day))
                if known is None or known.starts_at < visit.starts_at:
                    last[visit.host, day] = visit
        for (host, day), visit in last.items():
            asked = self.asked.get((host, day), [])
            if any(each.is_told or not each.closed for each in asked):
                continue
            midnight = visit.place.at(day + timedelta(days=1), time(0))
            about = (visit, visit.last_event, "unclosed")
            self.asked[host, day] = [
                self._owe(*about, who, channel, to, midnight)
                for who, channel, to in self._told(visit, "unclosed", None)
            ]

    def block(self, channel, address, at):
        self.blocked.setdefault((channel, address.lower()), at)

    @staticmethod
    def _ends(kind, owed):
        """Whether what is owed no longer holds after an event of this kind.

        Whoever had it is told so whatever comes, but that he has it again, or the end.
        """
        if owed.who == "former" and kind not in ("completed", "no_show"):
            return kind in REPLACING | GIVING and owed.to == owed.visit.host_mail
        if kind == "checked_in":
            return owed.kind == "reminder"
        return kind in REPLACING or (kind == "reassigned" and owed.who == "host")

    @staticmethod
    def _close(owed, at):
        for each in owed:
            if each.closed is None:
                each.closed = at

    def _owe(self, visit, event, kind, who, channel, to, planned):
        owed = Owed(visit, event, kind, who, channel, to, planned)
        visit.owed.append(owed)
        self.owed.append(owed)
        return owed

    @staticmethod
    def _told(visit, kind, by):
        """(who, channel, address) of those who are told."""
        wanted = visit.place.choices
        if kind == "late" or not visit.walked_in:
            by_mail = (kind, "citizen", "mail") in wanted
            by_sms = (kind, "citizen", "sms") in wanted
            if by_mail and visit.mail:
                yield "citizen", "mail", visit.mail
            if (by_sms or (by_mail and not visit.mail)) and visit.phone:
                yield "citizen", "sms", visit.phone
        if (kind, "host", "mail") in wanted and visit.host_mail not in ("", by):
            yield "host", "mail", visit.host_mail
        if (kind, "office", "mail") in wanted and visit.place.mailbox:
            yield "office", "mail", visit.place.mailbox

    @staticmethod
    def _told_of_hands(visit, kind, by):
        """(who, address) of those who are told that it is another's now."""
        wanted, (former, mail) = visit.place.choices, visit.whose
        if ("reassigned", "host", "mail") not in wanted or former == visit.host:
            return
        told_of_move = kind != "reassigned" and (kind, "host", "mail") in wanted
        if not told_of_move and visit.host_mail not in ("", by):
            yield "host", visit.host_mail
        if mail in visit.place.staff and mail != by:
            yield "former", mail

    def _reminders(self, visit, at):
        """{(channel, address, when)}: not before `at`, and not in quiet hours."""
        place = visit.place
        hours = {"mail": place.mail_hours, "sms": place.sms_hours}
        if not visit.mail and ("reminder", "citizen", "mail") in place.choices:
            hours["sms"] = place.sms_hours + place.mail_hours
        found = set()
        for _who, channel, to in self._told(visit, "reminder", None):
            for before in hours[channel]:
                when = visit.starts_at - timedelta(hours=before)
                quiet = channel == "sms" and place.quiet_around(when)
                when = quiet[0] if quiet else when
                if when > at:
                    found.add((channel, to, when))
        return found

    # --- What may be sent, and what must be -------------------------------------

    def why_not(self, owed, now):
        """Why it must not be sent at this moment; "" if it may."""
        if owed.planned > now:
            return "early"
        if owed.closed:
            return "closed"
        if (owed.channel, owed.to.lower()) in self.blocked:
            return "blocked"
        if self.is_useless(owed, now):
            return "useless"
        quiet = owed.visit.place.quiet_around(now)
        if owed.channel == "sms" and quiet:
            urgent = owed.visit.starts_at <= quiet[1] and owed.kind != "reminder"
            return "" if urgent else "quiet"
        return ""

    @staticmethod
    def is_useless(owed, now):
        visit = owed.visit
        if owed.kind == "reminder":
            newer = any(
                other.planned > owed.planned and other.planned <= now
                for other in visit.owed
                if (other.event, other.kind, other.channel)
                == (owed.event, "reminder", owed.channel)
            )
            return visit.status != "confirmed" or visit.starts_at <= now or newer
        if owed.kind == "late":
            return visit.status != "checked_in" or visit.called
        if owed.kind == "unclosed":
            return visit.status not in WITHOUT_OUTCOME
        return visit.ends_at <= now

    def overdue(self, now):
        """What must have been sent by now, by a town in which all is well.

        What a former host is told outlives the next event, which may move what was
        over to a time to come: it was rightly dropped in between.
        """
        return [
            owed
            for owed in self.owed
            if owed.is_open
            and not (owed.who == "former" and owed.was_useless)
            and not (owed.rests_until and owed.rests_until > now)
            and not self.may_be_given_up(owed, now)
            and not self.why_not(owed, now)
        ]

    @staticmethod
    def may_be_given_up(owed, now):
        return owed.tries > 0 and owed.planned + DAY < now
