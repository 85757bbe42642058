"""Bringing hosts and their weekly hours up to date with an hours file.

A host that the file names is made if need be, and its weekly hours become those of
the file. What the file cannot say stays as staff set it: hours with a first or last
day or of one date, exceptions, closures, and every host it does not name.
"""

from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import transaction

from availability import operations
from availability.hours_file import Hours
from availability.models import AvailabilityRule
from config.exceptions import DomainError
from offices.imports import Outcome, Report
from offices.models import Host, Office


def import_hours(wanted, *, source, dry_run=False, progress=lambda offices: offices):
    """Write what a file says (availability.hours_file.read); returns the Report.

    Each office is a transaction of its own, so that nobody who books waits for
    long. With `dry_run`, of what would have been written.
    """
    report = Report()
    by_office = defaultdict(dict)
    for (office_id, name), about in wanted.items():
        by_office[office_id][name] = about
    offices = Office.objects.filter(source=source, source_id__in=by_office)
    known = {office.source_id: office for office in offices}
    for office_id, hosts in progress(by_office.items()):
        office = known.get(office_id)
        with transaction.atomic():
            found = {
                _put(report, office, office_id, name, about)
                for name, about in hosts.items()
            }
            if found & {Outcome.CREATED, Outcome.CHANGED}:
                operations.generate([office])  # closed on public holidays, too
            transaction.set_rollback(dry_run)
    return report


def _put(report, office, office_id, name, about):
    """Bring one host up to date, or say why not; returns the outcome."""
    problems = list(about.problems)
    if office is None:
        problems.append("There is no such office. Import it first, or correct its id.")
    if not problems:
        try:
            with transaction.atomic():
                outcome, note = _write(office, name, set(about.hours.values()))
        except (DomainError, ValidationError) as error:
            problems.append(str(error))
    if problems:
        outcome = Outcome.REFUSED
        note = " ".join([*problems, "The host stays as it is."])
    report.add(outcome, "host", office_id, name, note)
    return outcome


def _write(office, name, hours):
    host = Host.objects.filter(office=office, name=name).first()
    is_new = host is None
    if is_new:
        host = Host(office=office, name=name)
        operations.save_host(host, by=None)
    rules = host.rules.filter(day=None, valid_from=None, valid_until=None)
    there = {
        Hours(tuple(sorted(rule.weekdays)), rule.start_time, rule.end_time): rule
        for rule in rules
    }
    missing = [
        AvailabilityRule(
            weekdays=list(each.weekdays),
            start_time=each.start_time,
            end_time=each.end_time,
        )
        for each in sorted(hours - there.keys())
    ]
    gone = [rule for each, rule in there.items() if each not in hours]
    if missing or gone:
        operations.set_hours(host, save=missing, delete=gone, by=None)
    if is_new:
        return Outcome.CREATED, ""
    if missing or gone:
        return Outcome.CHANGED, f"{len(missing)} hours new, {len(gone)} gone"
    return Outcome.UNCHANGED, ""
