"""The contract that every provider of text messages keeps, against real HTTP.

Twilio's own client is used, with a stand-in for Twilio at SMS_URL. A new provider is
a line in GATEWAYS.
"""

import json
from base64 import b64encode
from urllib.parse import parse_qs

import pytest

from notifications import sms
from notifications.channels.errors import DeliveryError, Refused, Stopped
from notifications.tests.receiver import Receiver, reply

NUMBER, TEXT, KEY = "+491701234567", "Grüße: morgen um 9:15", 4711


def as_json(status, /, **content):
    def answer(handler):
        body = json.dumps(content).encode()
        reply(handler, status, body, **{"Content-Type": "application/json"})

    return answer


def hang_up(handler):
    handler.connection.close()


def twilio_error(status, code):
    return as_json(status, code=code, message="no", status=status)


def read_form(heard):
    told = {name: values[0] for name, values in parse_qs(heard.body.decode()).items()}
    return {"to": told["To"], "from": told["From"], "text": told["Body"]}


def read_json(heard):
    told = json.loads(heard.body)
    return {name: told[name] for name in ["to", "from", "text"]}


# What each answers when it takes a message, when it cannot now, and never will.
GATEWAYS = {
    "smscatcher": {
        "takes": [as_json(201, id="m-1"), as_json(200), 204],
        "ids": ["m-1", "", ""],
        "later": [500, 503, 429, 401, 302, hang_up],
        "never": [400, 422],
        "read": read_json,
    },
    "twilio": {
        "takes": [as_json(201, sid="SM1", status="queued")],
        "ids": ["SM1"],
        "later": [
            twilio_error(500, 20500),
            twilio_error(429, 20429),
            twilio_error(401, 20003),
            twilio_error(400, 21606),
            hang_up,
        ],
        "never": [twilio_error(400, 21211), twilio_error(400, 21614)],
        "read": read_form,
    },
}


def cases(which):
    return [
        pytest.param(name, answer, id=f"{name}-{number}")
        for name, gateway in GATEWAYS.items()
        for number, answer in enumerate(gateway[which])
    ]


@pytest.fixture
def send(settings):
    def send(name, *answers):
        with Receiver(*answers) as gateway:
            settings.SMS_PROVIDER = name
            settings.SMS_URL = f"http://127.0.0.1:{gateway.port}"
            settings.SMS_API_KEY, settings.SMS_API_SECRET = "ACsid", "secret"
            settings.SMS_SENDER = "+4989123"
            try:
                return sms.provider().send(to=NUMBER, text=TEXT, key=KEY)
            finally:
                send.heard = gateway.heard

    return send


@pytest.mark.parametrize(
    ("name", "answer", "provider_id"),
    [
        pytest.param(name, answer, provider_id, id=f"{name}-{number}")
        for name, gateway in GATEWAYS.items()
        for number, (answer, provider_id) in enumerate(
            zip(gateway["takes"], gateway["ids"], strict=True)
        )
    ],
)
def test_what_is_taken_has_its_id_and_is_sent_once(send, name, answer, provider_id):
    assert send(name, answer) == provider_id

    [heard] = send.heard
    expected = {"to": NUMBER, "from": "+4989123", "text": TEXT}
    assert GATEWAYS[name]["read"](heard) == expected


@pytest.mark.parametrize(("name", "answer"), cases("later"))
def test_what_cannot_be_taken_now_may_be_later(send, name, answer):
    with pytest.raises(DeliveryError) as refusal:
        send(name, answer)

    assert not isinstance(refusal.value, Refused)
    assert NUMBER not in str(refusal.value)


@pytest.mark.parametrize(("name", "answer"), cases("never"))
def test_what_will_never_be_taken_is_refused(send, name, answer):
    with pytest.raises(Refused) as refusal:
        send(name, answer)

    assert NUMBER not in str(refusal.value)


def test_a_gateway_that_is_not_there_may_be_later(send, settings):
    settings.SMS_PROVIDER, settings.SMS_URL = "smscatcher", "http://127.0.0.1:9"

    with pytest.raises(DeliveryError):
        sms.provider().send(to=NUMBER, text=TEXT, key=KEY)


def test_smscatcher_is_given_the_token_and_a_lasting_id(send):
    send("smscatcher", 204)

    [heard] = send.heard
    assert heard.headers["Authorization"] == "Bearer ACsid"
    assert json.loads(heard.body)["id"] == "4711"


def test_twilio_is_called_as_the_account(send):
    send("twilio", as_json(201, sid="SM1"))

    [heard] = send.heard
    basic = b64encode(b"ACsid:secret").decode()
    assert heard.path == "/2010-04-01/Accounts/ACsid/Messages.json"
    assert heard.headers["Authorization"] == f"Basic {basic}"
    assert b"StatusCallback" not in heard.body


def test_twilio_is_told_where_to_tell_what_became_of_it(send, settings):
    settings.OVER_HTTPS = True
    settings.FRONTEND_HOST = "https://town.example"

    send("twilio", as_json(201, sid="SM1"))

    told = parse_qs(send.heard[0].body.decode())
    assert told["StatusCallback"] == ["https://town.example/sms/status/"]


def test_twilio_says_that_somebody_wants_no_messages(send):
    with pytest.raises(Stopped):
        send("twilio", twilio_error(400, 21610))


def test_on_the_console_a_message_is_a_file(settings, tmp_path):
    settings.SMS_PROVIDER, settings.SMS_DIR = "console", tmp_path / "sms"

    provider_id = sms.provider().send(to=NUMBER, text=TEXT, key=KEY)

    written = json.loads((tmp_path / "sms" / "4711.json").read_text())
    assert (provider_id, written["to"], written["text"]) == ("4711", NUMBER, TEXT)
