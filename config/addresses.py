"""Where the services are, worked out from the environment alone.

Nothing here connects or starts anything, so that settings may ask.
"""

import hashlib
import ipaddress
import os
import re
import socket
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
DATABASE_NAME = "appointments"
MEMORY = Path("/dev/shm")  # noqa: S108 (only counts are kept there)  # nosec B108
WITH_PORT = re.compile(r"(\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<v4>[0-9.]+))(:\d+)?")
LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes on Linux, 104 on macOS


def data_dir(base_dir):
    """DATA_DIR, by default `.data`, seen from the directory of manage.py."""
    return Path(base_dir, os.environ.get("DATA_DIR") or ".data")


def metrics_dir(data_dir):
    """Where the processes of this machine count: in memory where there is a place.

    On a disk that is full, writing to a mapped file would end the process. The last
    part is a version: counts with other buckets must not be added to these.
    """
    inside = data_dir / "metrics"
    if os.access(MEMORY, os.W_OK):
        inside = MEMORY / f"appointments-{os.geteuid()}-{_key(data_dir)}"
    return inside / socket.gethostname() / "1"


def socket_dir(data_dir):
    """Where the embedded services listen: in DATA_DIR, or where a long one allows."""
    inside = data_dir / "run"
    if len(os.fsencode(inside / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH:
        return inside
    name = f"appointments-{os.geteuid()}-{_key(data_dir)}"
    return Path(tempfile.gettempdir()) / name


def _key(data_dir):
    return hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]


def embedded_database(data_dir):
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": DATABASE_NAME,
        "USER": "postgres",
        "HOST": str(socket_dir(data_dir)),
    }


def embedded_redis(data_dir):
    return f"unix://{socket_dir(data_dir) / VALKEY_SOCKET}?db=0"


def redis_url(host, port, password):
    secret = f":{quote(password, safe='')}@" if password else ""
    return f"redis://{secret}{host}:{port}/0"


def redis_database(url):
    """The number of the database that a Redis URL names."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("db", [""])[0]
    if parts.scheme != "unix":
        named = named or parts.path.strip("/")
    return int(named or 0)


def cache_url(url):
    """The database after the broker's, so that emptying a cache empties no queue."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    query["db"] = redis_database(url) + 1
    path = parts.path if parts.scheme == "unix" else ""
    return f"{parts.scheme}://{parts.netloc}{path}?{urlencode(query)}"


def broker_url(url):
    """The same address as Celery writes it: a socket has a scheme of its own."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    secret = f":{parts.password}@" if parts.password else ""
    return f"redis+socket://{secret}{parts.path}?virtual_host={redis_database(url)}"


def without_port(text):
    """An address as some proxies write it, with the caller's port: "1.2.3.4:5678"."""
    found = WITH_PORT.fullmatch(text)
    return (found["v6"] or found["v4"]) if found else text


def network_of(text):
    """Who one client is: an IPv4 address; of IPv6 the /64, which is one customer's.

    What is no address, as behind a socket, stays as it is.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)
