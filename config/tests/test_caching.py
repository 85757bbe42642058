"""A Redis that is away, or hangs, costs a moment once; what is asked is worked out."""

import socket
import time

import pytest
from django.core.cache import CacheHandler

from config import caching
from config.circuit import PAUSE, Circuit


@pytest.fixture
def mute_server():
    """A Valkey that is stopped: it takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def cache_at(monkeypatch, settings):
    """The cache as the settings make it, at another address, with its own circuit."""
    monkeypatch.setattr(caching, "circuit", Circuit("redis"))

    def make(url):
        caches = {"default": {**settings.CACHES["default"], "LOCATION": url}}
        return CacheHandler(caches)["default"]

    return make


def hits(**labels):
    return caching.metrics.CACHE.labels(**labels)._value.get()


def test_a_redis_that_hangs_is_waited_for_once(cache_at, mute_server):
    cache = cache_at(mute_server)
    start = time.perf_counter()

    found = [cache.get("most-booked", "nothing") for _ in range(20)]
    cache.set_many({"a": 1})

    assert found == ["nothing"] * 20
    assert time.perf_counter() - start < 5  # twenty time-outs are ten seconds


@pytest.mark.parametrize(
    "url", ["unix:///nowhere/valkey.sock", "redis://127.0.0.1:1/0"]
)
def test_a_redis_that_is_gone_costs_nothing(cache_at, url):
    cache = cache_at(url)
    start = time.perf_counter()

    worked_out = [cache.get_or_set("x", lambda: "worked out") for _ in range(20)]

    assert worked_out == ["worked out"] * 20
    assert cache.add("x", 1) is None
    assert cache.incr("x") is None
    assert time.perf_counter() - start < 5


def test_it_is_tried_again_after_a_pause(monkeypatch):
    clock = {"now": 100.0}
    monkeypatch.setattr("config.circuit.time.monotonic", lambda: clock["now"])
    circuit = Circuit("redis")
    circuit.failed(OSError())

    asked = [circuit.may_try()]
    clock["now"] += PAUSE
    asked += [circuit.may_try(), circuit.may_try()]  # one of us tries
    circuit.works()
    asked += [circuit.may_try(), circuit.may_try()]

    assert asked == [False, True, False, True, True]


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("most-booked-services", "most_booked"),
        ("rl:abc", "rate_limits"),
        ("y", "other"),
    ],
)
def test_hits_and_misses_are_counted(cache_at, settings, key, what):
    cache = cache_at(settings.CACHES["default"]["LOCATION"])
    cache.delete(key)
    before = [hits(what=what, outcome=o) for o in ("hit", "miss")]

    cache.get(key)
    cache.set(key, 1)
    cache.get(key)
    cache.get_many([key, f"{key} not there"])
    cache.delete(key)

    after = [hits(what=what, outcome=o) for o in ("hit", "miss")]
    assert [a - b for a, b in zip(after, before, strict=True)] == [2, 2]


def test_what_is_away_is_no_miss(cache_at):
    cache = cache_at("redis://127.0.0.1:1/0")
    before = hits(what="other", outcome="away")

    cache.get("z")

    assert hits(what="other", outcome="away") == before + 1
