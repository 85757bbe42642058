import pytest


def test_alive_asks_nothing_of_the_database(client):
    response = client.get("/health")

    assert response.json() == {"status": "alive"}


@pytest.mark.django_db
def test_ready_times_each_service(client):
    response = client.get("/health/ready")

    answer = response.json()
    assert (response.status_code, answer["status"]) == (200, "ready")
    assert {check["name"]: check["ok"] for check in answer["checks"]} == {
        "database": True,
        "migrations": True,
        "redis": True,
        "broker": True,
    }
