"""No token opens a door that it was not made for, whole, cut or changed.

That each is good for its time, and once where it must be, is told where it is made:
accounts, offices, appointments and their tests.
"""

import base64
import json
import uuid
from itertools import product

import jwt
import pytest
from django.http import Http404
from django.urls import reverse
from rest_framework.test import APIClient

from accounts import links as account_links
from accounts import tokens
from accounts.exceptions import LinkInvalid
from accounts.tests.factories import RegistrationFactory, SignInFactory, UserFactory
from appointments import feeds, links
from appointments.door import keys
from appointments.tests.factories import AppointmentFactory, CalendarFeedFactory
from config import secret_key
from offices.tests.factories import ApiKeyFactory, OfficeFactory

pytestmark = pytest.mark.django_db

REFUSED = (LinkInvalid, links.BadLink, links.StaleLink, Http404)


class Doors:
    """A token of each kind, and what it opens: {name: token}, {name: function}."""

    def __init__(self):
        visit = AppointmentFactory()
        feed = CalendarFeedFactory()
        self.office = OfficeFactory(tablet_key=uuid.uuid4())
        self.sign_in = SignInFactory(user=UserFactory())
        pair = tokens.pair(self.sign_in)
        self.tokens = {
            "access": pair["access"],
            "api key": ApiKeyFactory(offices=[visit.office]).secret,
            "appointment": links.token_for(visit),
            "feed": feeds.url_for(feed).rpartition("/")[2].removesuffix(".ics"),
            "invitation": account_links.invitation_token("1-a"),
            "refresh": pair["refresh"],
            "registration": account_links.registration_token(RegistrationFactory()),
            "reset": account_links.reset_token(UserFactory()),
            "tablet": keys.token_for(self.office),
        }
        self.doors = {
            "access": lambda token: get_me(Authorization=f"Bearer {token}"),
            "api key": lambda token: get_me(**{"X-API-Key": token}),
            "appointment": links.appointment_for,
            "feed": feeds.feed_for,
            "invitation": account_links.invitation_for,
            "refresh": refresh,
            "registration": account_links.registration_for,
            "reset": account_links.user_for_reset,
            "tablet": lambda token: keys.office_for(self.office.slug, token),
        }

    def opens(self, door, token):
        try:
            return bool(self.doors[door](token))
        except REFUSED:
            return False


def get_me(**headers):
    response = APIClient(headers=headers).get("/api/v1/auth/me")
    assert response.status_code in {200, 401}
    return response.status_code == 200


def refresh(token):
    response = APIClient().post("/api/v1/auth/refresh", {"refresh": token})
    assert response.status_code in {200, 400, 401}
    return response.status_code == 200


def test_each_token_opens_its_own_door_and_no_other():
    here = Doors()

    opened = {
        (door, name)
        for door, (name, token) in product(here.doors, here.tokens.items())
        if here.opens(door, token)
    }

    assert opened == {(name, name) for name in here.tokens}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: f"{token}x",
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.swapcase(),
        lambda token: "",
        lambda token: "é" * 40,
        lambda token: "\u0661" * 40,  # digits, but not ours
        lambda token: "1:1:1",
        lambda token: "a.b.c",
    ],
)
def test_none_opens_anything_that_has_been_touched(spoil):
    here = Doors()

    opened = {
        name
        for name, token in here.tokens.items()
        if name not in {"access", "api key"} or spoil(token).isascii()
        if here.opens(name, spoil(token))
    }

    assert opened == set()


def test_a_token_for_the_api_is_signed_by_our_key_and_way_alone(settings):
    sign_in = SignInFactory(user=UserFactory())
    good = tokens.pair(sign_in)["access"]
    claims = jwt.decode(good, options={"verify_signature": False})
    ours = settings.SIMPLE_JWT["SIGNING_KEY"]
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode())
    forged = [
        jwt.encode(claims, ours, "HS512"),
        jwt.encode(claims, settings.SECRET_KEY, "HS256"),
        jwt.encode(claims, secret_key.derived(settings.SECRET_KEY, "links"), "HS256"),
        jwt.encode({**claims, "exp": 1}, ours, "HS256"),
        jwt.encode({**claims, "token_type": "refresh"}, ours, "HS256"),
        jwt.encode({**claims, tokens.SIGN_IN: 0}, ours, "HS256"),
        ".".join([none.decode().rstrip("="), good.split(".")[1], ""]),
        ".".join([none.decode().rstrip("="), *good.split(".")[1:]]),
    ]

    opened = [each for each in forged if get_me(Authorization=f"Bearer {each}")]

    assert opened == []
    assert get_me(Authorization=f"Bearer {good}")


def test_no_secret_is_in_an_address_that_is_sent_on(client):
    """A page that a secret address opens sends no other site on with it."""
    visit = AppointmentFactory()

    response = client.get(reverse("appointments:manage", args=[links.token_for(visit)]))

    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
