import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

EMAIL, PASSWORD = "desk@example.org", "right-enough-5"

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    get_user_model().objects.create_superuser(EMAIL, PASSWORD)

    def sign_in(password, *, email=EMAIL, address="1.1.1.1"):
        response = client.post(
            reverse("admin:login"),
            {"username": email, "password": password},
            REMOTE_ADDR=address,
        )
        return response.status_code

    return sign_in


def test_five_wrong_passwords_lock_the_account_for_that_address(sign_in):
    tried = [sign_in("wrong") for _ in range(5)]

    assert tried == [200, 200, 200, 200, 429]
    assert sign_in(PASSWORD) == 429
    assert sign_in(PASSWORD, address="2.2.2.2") == 302


def test_another_spelling_of_the_address_is_the_same_account(sign_in):
    for email in (EMAIL, EMAIL.upper(), f" {EMAIL}", EMAIL.title(), EMAIL):
        last = sign_in("wrong", email=email)

    assert last == 429


def test_the_right_password_forgets_the_wrong_ones(sign_in):
    for _ in range(4):
        sign_in("wrong")
    sign_in(PASSWORD)

    assert sign_in("wrong") == 200
