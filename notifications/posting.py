"""A POST to an address that a stranger has chosen.

It goes to public addresses alone. A name is looked up once, all that it stands for is
checked, and the connection is made to what was checked: a second answer of the name
server changes nothing. A redirect is an answer like any other; nobody follows it.
"""

import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _

SECONDS = 10
MOST_BYTES = 64 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}

LOOPBACK = ip_address("127.0.0.1")  # of which localhost is always another name
PUBLIC_IPV6 = ip_network("2000::/3")
# Inside of what is public, but it leads elsewhere: tunnels that carry an IPv4 address,
# and clouds' own services.
LEADS_ELSEWHERE = [
    ip_network("2001::/32"),
    ip_network("2002::/16"),
    ip_network("168.63.129.16/32"),
    ip_network("192.0.0.0/24"),
]


class PostFailed(Exception):
    """There was no answer, for the reason that it says."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: str

    @property
    def is_success(self):
        return 200 <= self.status < 300


def check_url(url):
    """Refuse an address that could never be posted to. Looks no name up."""
    try:
        parts = urlsplit(url)
        _port(parts)
        host = parts.hostname.encode("idna").decode()
    except (ValueError, AttributeError) as error:
        raise ValidationError(_("Enter a valid URL.")) from error
    local = settings.ENVIRONMENT == "local"
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise ValidationError(_("The address must begin with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValidationError(_("The address must have no password and no #."))
    try:
        address = ip_address(host)
    except ValueError:
        if not f".{host.rstrip('.').lower()}".endswith(".localhost"):
            return
        address = LOOPBACK
    if not is_allowed(address):
        raise ValidationError(_("This address is not a public one."))


def is_allowed(address):
    """Whether we post to it: not to ourselves, our network or its machinery."""
    if settings.WEBHOOK_ALLOW_PRIVATE and settings.ENVIRONMENT == "local":
        return True
    if isinstance(address, IPv6Address) and address not in PUBLIC_IPV6:
        return False
    if any(address in network for network in LEADS_ELSEWHERE):
        return False
    return address.is_global and not address.is_multicast


def post(url, body, headers):
    """Post and return the Answer, its body cut at 64 KiB. Raises PostFailed.

    From connecting to the last byte it takes no more than SECONDS.
    """
    try:
        check_url(url)
        return _post(urlsplit(url), body, headers)
    except ValidationError as error:
        raise PostFailed(" ".join(error.messages)) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PostFailed(f"{type(error).__name__}: {error}") from error


def _post(parts, body, headers):
    host, port = parts.hostname.encode("idna").decode(), _port(parts)
    addresses = _addresses(host, port)
    deadline = time.monotonic() + SECONDS
    sock = _connect(addresses, deadline)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        sock = context.wrap_socket(
            sock, server_hostname=host, do_handshake_on_connect=False
        )
    # A time-out of the socket would begin anew with every byte that drips in.
    alarm = Timer(deadline - time.monotonic(), _hang_up, [sock])
    alarm.start()
    try:
        answer = _exchange(sock, parts, body, {**headers, "Host": _authority(parts)})
    except (OSError, http.client.HTTPException, ValueError):
        if time.monotonic() < deadline:
            raise
    finally:
        alarm.cancel()
        sock.close()
    if time.monotonic() >= deadline:
        raise TimeoutError(f"No answer within {SECONDS} seconds.")
    return answer


def _exchange(sock, parts, body, headers):
    if isinstance(sock, ssl.SSLSocket):
        sock.do_handshake()
    connection = http.client.HTTPConnection(parts.hostname)
    connection.sock = sock  # so that it makes none of its own
    target = iri_to_uri(parts.path or "/")
    if parts.query:
        target += "?" + iri_to_uri(parts.query)
    connection.request("POST", target, body, headers)
    response = connection.getresponse()
    text = response.read(MOST_BYTES).decode(errors="replace").replace("\0", "�")
    return Answer(response.status, text)


def _addresses(host, port):
    """What the name stands for now. Raises PostFailed if any of it is not allowed.

    It does not say which: whoever registers a webhook is not to look up our names.
    """
    found = [
        (family, address)
        for family, _type, _proto, _name, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )
    ]
    for _family, address in found:
        if not is_allowed(ip_address(address[0].partition("%")[0])):
            raise PostFailed(f"{host} has an address that is not a public one.")
    return found


def _connect(addresses, deadline):
    """A connection to the first address that takes one."""
    refusal = OSError("The name stands for no address.")
    for family, address in addresses:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(max(deadline - time.monotonic(), 0.001))
        try:
            sock.connect(address)
        except OSError as error:
            sock.close()
            refusal = error
        else:
            sock.settimeout(SECONDS)
            return sock
    raise refusal


def _hang_up(sock):
    """End what another thread waits for; TLS has no say in it."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # it has just ended by itself


def _port(parts):
    port = parts.port or DEFAULT_PORTS.get(parts.scheme, 443)
    if parts.port == 0:
        raise ValueError("There is no port 0.")
    return port


def _authority(parts):
    host = parts.hostname.encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    port = _port(parts)
    return host if port == DEFAULT_PORTS[parts.scheme] else f"{host}:{port}"
