"""Whose word is believed about where a request comes from and goes to, and which address is written into links.

Anybody can write any `Host` and any `X-Forwarded-For`. So a name is answered to only when it is one of ours; what a
proxy says about the client counts only when the proxy's own address is in LABELER_TRUSTED_PROXIES; and a link that
leaves this machine begins with LABELER_PUBLIC_URL or the address the server was started on, never with what a request
called us. Note: an IP address as the name is harmless where every address is listened on, as
no other site can make a browser send it.
"""

import socket
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, url_for

from labeler.config import Network, Settings
from labeler.errors import Misdirected
from labeler.extensions import settings

STARTED_ON = "LABELER_STARTED_ON"  # in the app's configuration: scheme, host and port the server listens on
EVERY_ADDRESS = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not listened on
_NETWORK_BITS = 64  # of an IPv6 address: one customer gets at least so much


class BelievedProxies:
    """WSGI middleware: client, scheme and host as a trusted proxy says; of anybody else these headers mean nothing."""

    def __init__(self, app: Callable[..., Iterable[bytes]], networks: tuple[Network, ...]) -> None:
        self._app, self._networks = app, networks

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, seen as it was when it reached the first trusted proxy."""
        if self._is_trusted(environ.get("REMOTE_ADDR", "")):
            self._rewrite(environ)
        return self._app(environ, start_response)

    def _rewrite(self, environ: dict[str, Any]) -> None:
        said = {name: _listed(environ.get(f"HTTP_X_FORWARDED_{name}", "")) for name in ("FOR", "PROTO", "HOST")}
        # each proxy appends whom it saw: from the right, the first that is no proxy of ours is the client
        clients = [one for one in said["FOR"] if _address(one) is not None]
        client = next((one for one in reversed(clients) if not self._is_trusted(one)), clients[0] if clients else "")
        if client:
            environ["REMOTE_ADDR"] = str(_address(client))
        if said["PROTO"] and said["PROTO"][-1] in {"http", "https"}:
            environ["wsgi.url_scheme"] = said["PROTO"][-1]
        if said["HOST"]:
            environ["HTTP_HOST"] = said["HOST"][-1]

    def _is_trusted(self, text: str) -> bool:
        found = _address(text)
        return found is not None and any(found.version == one.version and found in one for one in self._networks)


def network_of(text: str | None) -> str:
    """Return what stands for the network of a client: an IPv4 address, or the /64 of an IPv6 address."""
    found = _address(text or "")
    if found is None:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    return str(IPv6Network((int(found), _NETWORK_BITS), strict=False))


def check_host() -> None:
    """Refuse a request that calls us by a name that is not ours."""
    host = request.environ.get("HTTP_HOST", "")
    if not answers_to(host, settings()):
        raise Misdirected(
            "Labeler does not answer to the name {name!r}. Use the address it was started on, or add the name "
            "to LABELER_TRUSTED_HOSTS.",
            name=host[:100],
        )


@lru_cache(maxsize=64)
def answers_to(host: str, known: Settings) -> bool:
    """Whether a Host header, with or without a port, names this server. A request without one names nobody else."""
    name = _name_in(host)
    if name is None:
        return False
    if not name or name == "localhost" or name.endswith(".localhost") or name in _own_names(known):
        return True
    if any(one in {"*", name} or (one.startswith(".") and name.endswith(one)) for one in known.trusted_hosts):
        return True
    found = _address(name)
    return found is not None and (found.is_loopback or known.bound_host in EVERY_ADDRESS)


def public_link(endpoint: str, **values: Any) -> str:
    """Return the address of a page as somebody on another machine should open it."""
    base = settings().base_url or current_app.config.get(STARTED_ON) or request.host_url.rstrip("/")
    return f"{base}{url_for(endpoint, **values)}"


def address_of(host: str, port: int) -> str:
    """Return how people reach a server that listens on host and port; of "every address", one that leads here."""
    shown = _outward_address() if host in EVERY_ADDRESS else host
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def _own_names(known: Settings) -> set[str]:
    names = {known.bound_host.lower(), (urlsplit(known.base_url).hostname or "").lower()} - {""}
    if known.bound_host in EVERY_ADDRESS:
        own = socket.gethostname().lower()
        names |= {own, f"{own}.local"}
    return names


def _outward_address() -> str:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address of documentation: nothing is sent, only the way is chosen
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()


def _name_in(host: str) -> str | None:
    """Return the name in a Host header in one spelling, None when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = parts.netloc == host and "@" not in host and (name or not host)
    return name.removesuffix(".") if plain and not set(host) & set("\\ \t/?#") else None


def _listed(header: str) -> list[str]:
    return [part.strip() for part in header.split(",") if part.strip()]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    plain = text.strip().removeprefix("[").partition("]")[0].partition("%")[0]
    if plain.count(":") == 1:
        plain = plain.partition(":")[0]  # some proxies add the port
    try:
        found = ip_address(plain)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
