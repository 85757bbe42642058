"""A manager looks at how the office fares, and takes the figures along as a file."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.tests.factories import UserFactory
from appointments import operations
from appointments.models import Export
from appointments.tests.factories import AppointmentFactory, CitizenFactory
from appointments.tests.pages import town_hall
from e2e.staff import DESKTOP, PASSWORD, main, sign_in
from offices.roles import Role
from offices.tests.factories import MembershipFactory

NINE = datetime(2030, 3, 12, 8, tzinfo=UTC)  # of a Tuesday, in Berlin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager():
    """Of an office at which Ada was served today, and Bo is still to come."""
    with time_machine.travel(NINE - timedelta(days=1)) as traveller:
        offered = town_hall()
        for name, minutes in [("Ada", 0), ("Bo", 60)]:
            visit = AppointmentFactory(
                offered=offered,
                citizen=CitizenFactory(name=name),
                starts_at=NINE + timedelta(minutes=minutes),
            )
            if name == "Ada":
                ada = visit
        traveller.move_to(NINE)
        here = operations.check_in(ada, by=None)
        operations.complete(operations.start(here, by=None), by=None)
        user = UserFactory(email="mara@example.org", password=PASSWORD)
        MembershipFactory(office=offered.office, user=user, role=Role.MANAGER)
        yield user


@pytest.mark.parametrize("with_javascript", [False, True])
def test_a_manager_reads_the_statistics_and_exports_them(
    new_page, manager, with_javascript
):
    page = new_page(viewport=DESKTOP, java_script_enabled=with_javascript)
    sign_in(page, "mara@example.org")
    page.get_by_role("link", name="Statistics", exact=True).click()
    facts = dict(
        zip(
            page.locator(".facts dt").all_inner_texts(),
            page.locator(".facts dd:not(.note)").all_inner_texts(),
            strict=True,
        )
    )
    assert (facts["Booked"], facts["Completed"]) == ("2", "1")
    assert page.get_by_label("Until", exact=True).input_value() == "2030-03-12"
    page.get_by_text("The same as a table").first.click()
    assert "12 Mar 2030" in main(page)

    page.get_by_label("The list of appointments, with names").check()
    page.get_by_label("CSV").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()

    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 3  # the heading, Ada and Bo
    assert Export.objects.get().user == manager
