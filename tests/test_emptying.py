"""After a test that commits nothing stays, and what `migrate` wrote does."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from tests.emptying import OF_MIGRATE, Emptying, read, written
from tests.worlds import office_named

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def empty():
    emptying = Emptying()
    emptying()
    return emptying


def test_rows_of_every_kind_go(empty):
    office_named("Home")
    before = read(OF_MIGRATE)

    empty()

    assert written() == []
    assert [
        model._meta.label
        for model in apps.get_models()
        if model not in {ContentType, Permission} and model._default_manager.exists()
    ] == []
    assert (read(OF_MIGRATE), bool(before[0][0])) == (before, True)


def test_what_a_test_did_to_permissions_is_undone(empty):
    Permission.objects.filter(codename="view_user").delete()

    empty()

    assert Permission.objects.filter(codename="view_user").count() == 1
