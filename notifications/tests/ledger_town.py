"""A town that lives through random days: people, clocks, outages and power cuts.

Everything is done through the project's own operations and tasks. What has happened
is read from the history of the appointments and from the providers' books, and told
to the rules, which judge each message at the moment it is sent.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.tests.factories import UserFactory
from appointments import operations as visits
from appointments.models import Appointment, AppointmentEvent, Citizen
from appointments.states import Channel as BookedBy
from availability.operations import generate
from availability.tests.factories import OpenHostFactory
from config.celery import app
from config.exceptions import DomainError
from notifications import receipts, tasks
from notifications.models import Block, Message, MessagePolicy, Notice
from notifications.states import Status
from notifications.tests.ledger_post import PROVIDERS, Kill
from notifications.tests.ledger_rules import (
    LEASE,
    LONGEST_PAUSE,
    OUTAGE_ECHO,
    TELLING,
    USUAL,
    Place,
    Rules,
    Visit,
)
from offices.operations import end_membership
from offices.roles import Role
from offices.tests.factories import (
    MembershipFactory,
    OfficeFactory,
    OfficeServiceFactory,
)

ZONES = ["Europe/Berlin", "Europe/London", "America/New_York", "Pacific/Auckland"]
LANGUAGES = ["", "en", "de", "fr", "es", "ar"]
DAYS_AHEAD = 6
HOUR = timedelta(hours=1)

# Staff may choose these in addition; citizens' mails can be switched off.
EXTRAS = [
    *((kind, "citizen", "sms") for kind in TELLING),
    *((kind, "host", "mail") for kind in TELLING),
    *((kind, "office", "mail") for kind in TELLING if kind != "requested"),
    ("late", "citizen", "mail"),
    ("unclosed", "office", "mail"),
    ("reassigned", "host", "mail"),
]

# What may be tried with an appointment, and how often: {status: {verb: weight}}.
VERBS = {
    "pending": {"approve": 6, "deny": 2, "cancel": 2, "move": 1, "grant_at": 2},
    "confirmed": {"check_in": 6, "no_show": 3, "move": 2, "cancel": 2, "reassign": 2},
    "checked_in": {"call": 2, "begin": 3, "undo": 2, "no_show": 2, "reassign": 1},
    "in_progress": {"complete": 6, "undo": 1},
    "completed": {"undo": 1},
    "no_show": {"undo": 1},
}


class Town:
    """Some offices and, in the end, `size` appointments. `dice` decides everything."""

    def __init__(self, dice, clock, fate):
        self.dice, self.clock, self.fate = dice, clock, fate
        self.rules = Rules()
        self.offered, self.hosts, self.alive = [], {}, {}
        self.heard = len(PROVIDERS.entries)  # other towns were before us
        self.last_event = AppointmentEvent.objects.values_list("pk", flat=True).last()
        self.last_event = self.last_event or 0
        self.killed_at = datetime.min.replace(tzinfo=UTC)
        self.up_since = dict.fromkeys(PROVIDERS.moods, self.killed_at)
        self.wrong = []
        self.counts = Counter()
        for number in range(5):
            self._found(number)

    # --- Who there is -----------------------------------------------------------

    def _found(self, number):
        dice = self.dice
        wanted = {choice for choice in USUAL if dice.random() < 0.95}
        wanted |= {each for each in EXTRAS if dice.random() < self._likely(each)}
        office = OfficeFactory(
            time_zone=ZONES[number % len(ZONES)],
            email=f"office{number}@example.org" if dice.random() < 0.7 else "",
            reminder_hours=dice.sample([2, 24, 48, 72], dice.randrange(3)),
            approval_required=number % 3 == 1,
            max_open_appointments=1000,
            booking_horizon_days=20,
        )
        quiet = dice.choice([(20, 8), (22, 7), (12, 14), (0, 0)])
        policy = MessagePolicy.objects.create(
            office=office,
            sms_reminder_hours=dice.sample([1, 3, 12, 24], dice.randrange(4)),
            quiet_from=time(quiet[0]),
            quiet_until=time(quiet[1]),
            late_after=dice.choice([None, timedelta(minutes=10)]),
        )
        for choice in (*USUAL, *EXTRAS):
            if (choice in wanted) != (choice in USUAL):
                named = dict(zip(("kind", "audience", "channel"), choice, strict=True))
                Notice.objects.create(office=office, is_sent=choice in wanted, **named)
        staff = self._staff(office, number)
        place = Place(
            office.pk,
            ZoneInfo(office.time_zone),
            office.reminder_hours,
            policy.sms_reminder_hours,
            (policy.quiet_from, policy.quiet_until),
            policy.late_after,
            office.email,
            wanted,
            staff,
        )
        self.offered.append((OfficeServiceFactory(office=office), place))

    @staticmethod
    def _likely(extra):
        """How likely an office chooses it."""
        return 0.7 if extra[0] == "reassigned" else 0.1

    def _staff(self, office, number):
        """Two persons and a counter; the first of them manages the office.

        The second has left some offices, and yet has hours there. Returns the e-mail
        addresses of who works there.
        """
        found = []
        for seat in range(3):
            user = UserFactory(email=f"host{number}.{seat}.{office.pk}@example.org")
            found.append(OpenHostFactory(office=office, user=user if seat else None))
        role = MembershipFactory(office=office, user=found[1].user, role=Role.MANAGER)
        other = MembershipFactory(office=office, user=found[2].user, role=Role.HOST)
        has_left = number % 3 == 2
        if has_left:
            end_membership(other, by=None)
        self.hosts[office.pk] = (found, role.user)
        generate([office])
        return {host.user.email for host in found[1 : 2 if has_left else 3]}

    def _somebody(self):
        dice, number = self.dice, self.dice.randrange(10**6)
        trouble = dice.random()
        mail = f"{'refused' if trouble < 0.03 else 'ada'}{number}@example.org"
        prefix = "+49000" if trouble > 0.97 else "+49111" if trouble > 0.94 else "+4917"
        phone = f"{prefix}{number:07}" if dice.random() < 0.7 else ""
        mail = mail if not phone or dice.random() < 0.8 else ""
        language = dice.choice(LANGUAGES)
        return Citizen(name=f"Ada {number}", email=mail, phone=phone, language=language)

    # --- What happens -----------------------------------------------------------

    def book(self):
        offered, place = self.dice.choice(self.offered)
        citizen, by = self._somebody(), None
        if self.dice.random() < 0.1:
            return self._do(visits.walk_in, offered, citizen=citizen, by=None)
        if self.dice.random() < 0.7:
            citizen.save()
            by = citizen
        channel = BookedBy.WEB if by else BookedBy.STAFF
        starts_at = self._some_time(place)
        return self._do(
            visits.book, offered, starts_at, citizen=citizen, by=by, channel=channel
        )

    def _some_time(self, place):
        days = self.dice.randrange(DAYS_AHEAD)
        day = place.day_of(timezone.now() + 9 * HOUR) + timedelta(days=days)
        quarter = self.dice.randrange(32)
        clock = time(8 + quarter // 4, quarter % 4 * 15)
        return datetime.combine(day, clock, place.zone)

    def act(self):
        """Somebody does something with some appointment, or is refused it."""
        pk = self.dice.choice(list(self.alive))
        visit = self.rules.visits[pk]
        verbs = self._verbs(visit)
        if not verbs or visit.starts_at < timezone.now() - timedelta(days=2):
            del self.alive[pk]
            return
        [verb] = self.dice.choices(list(verbs), weights=verbs.values())
        row = Appointment.objects.with_details().get(pk=pk)
        hosts, manager = self.hosts[visit.place.pk]
        staff = self.dice.choice([None, manager])
        self._verb(verb, row, visit.place, staff, self.dice.choice(hosts))

    def _verbs(self, visit):
        """What to try: at the desk only on the day, and most outcomes stay so."""
        verbs = dict(VERBS.get(visit.status, {}))
        if visit.status in ("completed", "no_show") and self.dice.random() < 0.8:
            return {}
        if self.dice.random() < 0.25:
            return {}  # nobody touches it again
        if visit.place.day_of(visit.starts_at) > visit.place.day_of(timezone.now()):
            for verb in ("check_in", "no_show"):
                verbs.pop(verb, None)
        return verbs

    def _verb(self, verb, row, place, staff, host):
        either = self.dice.choice([staff, row.citizen])
        at = self._some_time(place)
        match verb:
            case "approve":
                self._do(visits.approve, row, by=staff)
            case "deny":
                self._do(visits.deny, row, by=staff, reason="Not here")
            case "grant_at":
                self._do(visits.grant_at, row, at, by=staff)
            case "cancel":
                self._do(visits.cancel, row, by=either)
            case "move" if either == staff:
                self._do(visits.postpone, row, at, by=staff, reason="We must")
            case "move":
                self._do(visits.reschedule, row, at, by=either)
            case "reassign":
                self._do(visits.reassign, row, host, by=staff)
            case "no_show" if row.ends_at < timezone.now():
                self._do(visits.close_out, row, "completed", by=staff)
            case "no_show":
                self._do(visits.mark_no_show, row, by=staff)
            case "begin":
                self._do(visits.start, row, by=staff)
            case _:
                self._do(getattr(visits, verb), row, by=staff)

    def bounce(self):
        """A provider tells that one of the last mails did not arrive, for good."""
        taken = [e for e in PROVIDERS.entries[-20:] if e.outcome == "takes"]
        mails = [e for e in taken if e.channel == "mail" and e.to.startswith("ada")]
        if mails:
            mail = self.dice.choice(mails)
            row = Message.objects.get(pk=mail.key)
            if row.provider_id:
                about = (row.channel, row.provider_id, "bounced")
                receipts.record(*about, for_good=True)
                self.rules.block("mail", mail.to, timezone.now())

    def _do(self, operation, *args, **kwargs):
        """One operation; where the broker works, its messages go out at once."""
        app.conf.task_always_eager = self.dice.random() < 0.6
        self._risk(operation, *args, **kwargs)

    def sweep(self):
        """What beat starts each minute, run to its end; returns whether it was."""
        app.conf.task_always_eager = True
        whole = self._risk(self._owe_what_time_brings)
        for _ in range(100):
            whole = self._risk(tasks.deliver_due) and whole
            self.clock.shift(timedelta(seconds=2))  # for what was put off by the rate
            if not Message.objects.due().exists():
                break
        return whole

    def _owe_what_time_brings(self):
        tasks.owe_late()
        tasks.owe_unclosed()

    def _risk(self, function, *args, **kwargs):
        """Run something that may be refused or killed; then tell the rules of it."""
        if self.dice.random() < 0.1:
            statements = self.dice.randint(1, self.dice.choice([5, 20, 60]))
            self.fate.arm(statements, before=self.dice.random() < 0.7)
        survived = True
        try:
            function(*args, **kwargs)
        except DomainError:
            self.counts["refused"] += 1
        except Kill:
            self.killed_at = timezone.now()
            survived = False
            self._see_what_was_noted()
        self.fate.disarm()
        self._learn(by_time=function == self._owe_what_time_brings, survived=survived)
        return survived

    def _see_what_was_noted(self):
        """A kill within the transaction that notes an outcome undoes the note too."""
        for entry in PROVIDERS.entries[self.heard :][-1:]:
            row = Message.objects.get(pk=entry.key)
            entry.killed |= row.status == Status.QUEUED

    # --- What the rules are told ------------------------------------------------

    def _learn(self, *, by_time, survived):
        rows = AppointmentEvent.objects.filter(pk__gt=self.last_event).order_by("pk")
        for event in rows.select_related("actor"):
            self.last_event = event.pk
            visit = self._visit(event.appointment_id)
            by = event.actor.email if event.actor else None
            self.rules.happened(visit, event.pk, event.kind, event.created_at, by)
            self.counts[event.kind] += 1
        if by_time and survived:
            self.rules.time_for_late(timezone.now())
            self.rules.time_for_unclosed(timezone.now())
        elif by_time:
            self._risk(self._owe_what_time_brings)  # what it began, it ends now
        self._hear()

    def _visit(self, pk):
        row = Appointment.objects.select_related("citizen", "host__user").get(pk=pk)
        if pk not in self.rules.visits:
            place = next(p for _o, p in self.offered if p.pk == row.office_id)
            self.rules.visits[pk] = Visit(
                pk,
                place,
                row.citizen.email,
                row.citizen.phone,
                row.channel == "walk_in",
            )
            self.alive[pk] = True
        visit = self.rules.visits[pk]
        self.rules.look(visit, timezone.now())
        visit.status, visit.called = row.status, row.called_at is not None
        visit.starts_at, visit.ends_at = row.starts_at, row.ends_at
        visit.host = row.host_id
        visit.host_mail = row.host.user.email if row.host.user else ""
        return visit

    def _hear(self):
        """Judge what was handed to providers since we last listened."""
        new = PROVIDERS.entries[self.heard :]
        self.heard = len(PROVIDERS.entries)
        owed = self._owed_by_key({entry.key for entry in new})
        for entry in new:
            self._judge(entry, owed.get(entry.key))

    def _owed_by_key(self, keys):
        """{the ledger's key: what the rules say is owed} of what was handed over."""
        known = {each.identity: each for each in self.rules.owed} if keys else {}
        rows = Message.objects.filter(pk__in=keys)
        return {row.pk: known.get(identity_of(row)) for row in rows}

    def _judge(self, entry, owed):
        self.counts[f"{entry.channel} {entry.outcome}"] += 1
        if owed is None or owed.to != entry.to:
            self.wrong.append(("nobody owed", entry))
            return
        why_not = self.rules.why_not(owed, entry.at)
        if why_not:
            self.wrong.append((f"sent though {why_not}", entry, owed))
        if not owed.is_open:
            self.wrong.append(("sent again", entry, owed))
        match entry.outcome:
            case "takes":
                owed.sent.append((entry.at, entry.killed))
                self._check_text(entry, owed)
            case "refused" | "stopped" if not entry.killed:
                owed.refused = True
        unnoted = entry.killed and not Block.objects.of("sms", entry.to).exists()
        if entry.outcome == "stopped" and not unnoted:
            self.rules.block("sms", entry.to, entry.at)
        if entry.outcome != "takes" or entry.killed:
            owed.tries += 1
            owed.rests_until = entry.at + max(LONGEST_PAUSE, LEASE)

    def _check_text(self, entry, owed):
        """The calendar file has the time that holds now."""
        starts_at = f"{owed.visit.starts_at:%Y%m%dT%H%M%SZ}"
        if entry.calendar and f"DTSTART:{starts_at}" not in entry.calendar:
            self.wrong.append(("another time", entry, owed))

    # --- What must be true ------------------------------------------------------

    def set_mood(self, channel, mood):
        if mood == "takes" != PROVIDERS.moods[channel]:
            self.up_since[channel] = timezone.now()
        PROVIDERS.moods[channel] = mood

    def sweep_and_check(self):
        """After a whole sweep in a town that is well, nothing owed is missing."""
        if self.sweep() and self._is_well(timezone.now()):
            self.counts["checks"] += 1
            for each in self.rules.overdue(timezone.now()):
                each.closed = timezone.now()  # said once
                self.wrong.append(("missing", each))

    def _is_well(self, now):
        """Whether all providers take messages, and nothing echoes of a fault."""
        working = set(PROVIDERS.moods.values()) == {"takes"}
        calm = all(since + OUTAGE_ECHO < now for since in self.up_since.values())
        return working and calm and self.killed_at + LEASE < now


def identity_of(row):
    about = (row.event_id, row.kind, row.channel, row.audience, row.recipient)
    return (*about, row.planned_for)


def week_before_clocks_change(number):
    """The Monday before clocks change in Europe: March and October, year by year."""
    month = 10 if number % 2 else 3
    last = date(2030 + number // 2, month, 31)
    sunday = last - timedelta(days=last.isoweekday() % 7)
    return datetime.combine(sunday - timedelta(days=6), time(9), UTC)
