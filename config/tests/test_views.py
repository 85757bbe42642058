import pytest
from django import forms
from django.db import (
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from django.db.transaction import TransactionManagementError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path, resolve
from django_ratelimit.exceptions import Ratelimited
from psycopg.errors import IdleInTransactionSessionTimeout, UniqueViolation

from config import outages
from config.exceptions import DomainError
from config.middleware import ClientAddressMiddleware, RequestLogMiddleware
from config.sessions import SessionStore
from config.views import OperationView


class Taken(DomainError):
    code = "taken"
    message = "It has just been taken."


class NameForm(forms.Form):
    name = forms.CharField()


class Take(OperationView):
    form_class = NameForm
    template_name = "403.html"
    success_url = "/done/"

    def perform(self, form):
        if form.cleaned_data["name"] == "taken":
            raise Taken
        return form.cleaned_data["name"]

    def render_to_response(self, context, status=200):
        return HttpResponse(context["form"].non_field_errors(), status=status)


def refuse(request):
    raise Taken("Somebody was quicker.")


def limit(request):
    raise Ratelimited


def lose_database(request):
    raise OperationalError("the connection is closed")


def write_where_none_may(request):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("CREATE TABLE never (id int)")


def mistake(request):
    raise ProgrammingError("no such column")


urlpatterns = [
    path("take/", Take.as_view()),
    path("refuse/", refuse),
    path("limit/", limit),
    path("away/", lose_database),
    path("read-only/", write_where_none_may),
    path("mistake/", mistake),
]
handler403 = "config.views.forbidden"
handler500 = "config.views.server_error"


def losing_the_database(get_response):
    """A middleware, whose exceptions no other middleware is asked about."""
    return lose_database


def caused_by(cause, error):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(("name", "status"), [("free", 302), ("taken", 409), ("", 422)])
def test_an_operation_answers(rf, name, status):
    response = Take.as_view()(rf.post("/take/", {"name": name}))

    assert response.status_code == status


def test_a_refusal_is_shown_on_the_form(rf):
    response = Take.as_view()(rf.post("/take/", {"name": "taken"}))

    assert "It has just been taken." in response.text


@pytest.mark.urls(__name__)
def test_a_refusal_that_no_form_shows_is_a_page(client):
    response = client.get("/refuse/")

    assert response.status_code == 409
    assert "Somebody was quicker." in response.text


@pytest.mark.urls(__name__)
def test_who_asks_too_often_is_told_so(client):
    assert client.get("/limit/").status_code == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.1.1.1", "9.9.9.9"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "forged, 1.1.1.1", "1.1.1.1"),
        (2, "forged, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "9.9.9.9"),
        (1, "", "9.9.9.9"),
        (1, "1.1.1.1:4711", "1.1.1.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_the_client_is_who_the_nearest_proxies_say(
    settings, proxies, forwarded, expected
):
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get(
        "/", REMOTE_ADDR="9.9.9.9", headers={"X-Forwarded-For": forwarded}
    )

    ClientAddressMiddleware(lambda request: None)(request)

    assert request.META["REMOTE_ADDR"] == expected


def test_a_log_line_shows_neither_tokens_nor_searches(rf):
    request = rf.get(f"/appointments/{'t' * 60}/cancel/?email=a@b.org")
    request.resolver_match = resolve(request.path, "config.urls")

    line = RequestLogMiddleware.format_request(request)

    assert line == "GET /appointments/…/cancel/"


def test_a_log_line_says_nothing_of_an_address_that_is_none_of_ours(rf):
    request = rf.get("/anna-schmidt/K7M4-QX2P/")

    line = RequestLogMiddleware.format_request(request)

    assert line == "GET (no page)"


def test_a_log_line_names_what_many_share(rf):
    request = rf.get("/book/town-hall/passport/2027-01-11/")
    request.resolver_match = resolve(request.path, "config.urls")

    line = RequestLogMiddleware.format_request(request)

    assert line == "GET /book/town-hall/passport/2027-01-11/"


@pytest.mark.django_db
@pytest.mark.urls(__name__)
@pytest.mark.parametrize("path", ["/away/", "/read-only/"])
def test_a_page_says_that_the_database_cannot_at_present(client, path):
    response = client.get(path)

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Wait a moment, then reload this page." in response.text


@pytest.mark.urls(__name__)
def test_a_mistake_of_ours_is_no_outage(client):
    with pytest.raises(ProgrammingError):
        client.get("/mistake/")


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/take/", "Wait a moment, then reload this page."),
        ("/api/v1/offices", '"code":"unavailable"'),
    ],
)
def test_a_middleware_that_finds_no_database_is_no_mistake(settings, path, told):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.losing_the_database"]

    response = Client(raise_request_exception=False).get(path)

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert told in response.text


AWAY = OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (AWAY, True),
        (InterfaceError("the connection is closed"), True),
        (caused_by(AWAY, TransactionManagementError()), True),
        (caused_by(AWAY, ProgrammingError()), True),
        (caused_by(IdleInTransactionSessionTimeout(), InternalError()), True),
        (caused_by(UniqueViolation(), IntegrityError()), False),
        (TransactionManagementError(), False),
        (caused_by(AWAY, LookupError()), False),
    ],
)
def test_what_came_of_a_database_that_is_away_is_known(error, expected):
    assert outages.is_one(error) is expected


@pytest.mark.django_db
def test_a_session_that_cannot_be_written_is_not_taken_for_one_that_has_ended():
    session = SessionStore()
    session.create()

    def away(execute, *about):
        raise AWAY

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        session.save()
