"""All that the statistics page shows of a Scope, and the same as tables to export."""

from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from appointments.spreadsheets import Table
from appointments.statistics.charts import Figure
from appointments.statistics.counting import count
from appointments.statistics.figures import figures
from appointments.statistics.parts import (
    Breakdown,
    Fact,
    breakdown,
    facts,
    part_headings,
)
from appointments.statistics.waits import over_time
from offices.models import Host, Service

# What apps above this one count: each makes a Figure of a Scope, in one statement.
MORE_FIGURES = []


class Page(NamedTuple):
    facts: list[Fact]
    figures: list[Figure]
    breakdowns: list[Breakdown]

    @property
    def is_empty(self):
        return all(each.is_empty for each in self.figures)


def page(scope):
    """Ask the database, and put into words; as many statements for any scope."""
    counted, waits = count(scope), over_time(scope)
    told = [*figures(scope, counted, waits), *(more(scope) for more in MORE_FIGURES)]
    return Page(facts(counted), told, _breakdowns(scope, counted))


def _breakdowns(scope, counted):
    offices = {office.pk: office.name for office in scope.offices}
    hosts = Host.objects.filter(office__in=scope.offices).select_related("office")
    several = len(scope.offices) > 1
    named = {
        host.pk: f"{host.office}: {host}" if several else str(host) for host in hosts
    }
    services = Service.objects.filter(pk__in=counted.counts["service"])
    told = [
        breakdown(_("Hosts"), _("Host"), "host", counted, named),
        breakdown(
            _("Services"),
            _("Service"),
            "service",
            counted,
            {service.pk: str(service) for service in services},
        ),
    ]
    if several:
        by_office = breakdown(_("Offices"), _("Office"), "office", counted, offices)
        told.insert(0, by_office)
    return told


def tables(scope):
    """The page as Tables, their values as numbers; the first says what it is about."""
    shown = page(scope)
    return [
        _about(scope, shown),
        *(
            Table(
                each.title, [each.heading, *(s.name for s in each.series)], each.cells
            )
            for each in shown.figures
        ),
        *(
            Table(
                each.title,
                [each.heading, *part_headings()],
                [[part.name, *part.cells] for part in each.parts],
            )
            for each in shown.breakdowns
        ),
    ]


def _about(scope, shown):
    rows = [
        [_("Offices"), ", ".join(office.name for office in scope.offices)],
        [_("Host"), str(scope.host or _("All hosts"))],
        [_("Service"), str(scope.service or _("All services"))],
        [_("From"), scope.first],
        [_("Until"), scope.last],
        [_("Written (UTC)"), timezone.now().replace(tzinfo=None)],
    ]
    rows += [
        [f"{fact.name} ({fact.note})" if fact.note else fact.name, fact.value]
        for fact in shown.facts
    ]
    return Table(_("Statistics"), [_("What"), _("Value")], rows)
