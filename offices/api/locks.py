"""What `If-Match` locks, in the order in which operations lock it."""

from django.shortcuts import get_object_or_404

from config.api.etags import lock_row
from offices.models import Office


def with_office(row):
    """Lock the office, then the row of it; returns that anew."""
    office_id = row.office_id if hasattr(row, "office_id") else row.host.office_id
    office = get_object_or_404(
        Office.objects.select_for_update(no_key=True), pk=office_id
    )
    row = lock_row(row)
    if hasattr(row, "office_id"):
        row.office = office
    return row
