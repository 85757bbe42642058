"""Take figures or appointments away as a file. Who does is written down.

The list has names and how to reach people, for the office's own use; what people
wrote about themselves, and what the office noted on them, stays here.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from appointments.exceptions import TooManyForExcel
from appointments.models import Appointment, Content, Export, FileFormat
from appointments.spreadsheets import Table, csv_lines, json_lines, xlsx_file
from appointments.states import Channel, Status
from appointments.statistics.page import tables
from offices.querysets import offices_of
from offices.roles import Permission

MOST_IN_EXCEL = 100_000
AT_ONCE = 2000  # how many rows are in memory

CONTENT_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
    FileFormat.JSON: "application/json",
}
WRITERS = {
    FileFormat.CSV: csv_lines,
    FileFormat.XLSX: xlsx_file,
    FileFormat.JSON: json_lines,
}


class File(NamedTuple):
    """`content` is text to send line by line, or a file to send."""

    name: str
    content_type: str
    content: Iterable


@transaction.atomic
def export(scope, *, content, file_format, by):
    """Log who takes what of a Scope, and return it as a File.

    Raises PermissionDenied unless `by` may export at each of the offices, and
    TooManyForExcel.
    """
    _check_allowed(scope, by)
    counted = _count(scope)
    listed = content == Content.APPOINTMENTS
    if listed and file_format == FileFormat.XLSX and counted.total() > MOST_IN_EXCEL:
        raise TooManyForExcel
    Export.objects.bulk_create(
        Export(
            office=office,
            user=by,
            content=content,
            file_format=file_format,
            first=scope.first,
            last=scope.last,
            host=scope.host,
            service=scope.service,
            rows=counted[office.pk],
        )
        for office in scope.offices
    )
    found = [_list(scope)] if listed else tables(scope)
    written = WRITERS[file_format](found)
    name = f"{content}-{scope.first}-{scope.last}.{file_format}"
    return File(name, CONTENT_TYPES[file_format], written)


def _check_allowed(scope, by):
    if by is None:
        return
    allowed = offices_of(by, Permission.EXPORT_DATA).values_list("pk", flat=True)
    if not {office.pk for office in scope.offices} <= set(allowed):
        raise PermissionDenied


def _count(scope):
    """How many appointments of each office: Counter of ids."""
    by_office = _rows(scope).order_by().values_list("office").annotate(Count("pk"))
    return Counter(dict(by_office))


def _rows(scope):
    rows = Appointment.objects.filter(
        office__in=scope.offices, day__range=(scope.first, scope.last)
    )
    if scope.host:
        rows = rows.filter(host=scope.host)
    return rows.filter(service=scope.service) if scope.service else rows


def _list(scope):
    """Its Table; words are looked up now, rows only when they are sent."""
    header = [
        _("Reference"),
        _("Office"),
        _("Service"),
        _("How many"),
        _("Host"),
        _("Starts"),
        _("Ends"),
        _("Status"),
        _("Booked by"),
        _("Name"),
        _("E-mail address"),
        _("Phone"),
        _("Booked"),
        _("Checked in"),
        _("Called"),
        _("Started"),
        _("Completed"),
        _("Time zone"),
    ]
    words = {str(each): str(each.label) for each in [*Status, *Channel]}
    return Table(_("Appointments"), header, _lines(scope, words))


def _lines(scope, words):
    rows = _rows(scope).with_details().order_by("starts_at", "pk")
    for row in rows.iterator(chunk_size=AT_ONCE):
        times = [
            row.created_at,
            row.checked_in_at,
            row.called_at,
            row.started_at,
            row.completed_at,
        ]
        yield [
            row.reference,
            row.office.name,
            row.service.name,
            row.quantity,
            row.host.name,
            _local(row.starts_at, row.office),
            _local(row.ends_at, row.office),
            words[row.status],
            words[row.channel],
            row.citizen.name,
            row.citizen.email,
            row.citizen.phone,
            *(_local(each, row.office) for each in times),
            row.office.time_zone,
        ]


def _local(instant, office):
    """What the office's clock showed; spreadsheets know no zones."""
    return instant and instant.astimezone(office.zone).replace(tzinfo=None)
