"""Connections that this server makes because somebody gave it an address: only to addresses of the public internet.

Whoever can make a server fetch an address can look through it at what only that server reaches: its own ports, the
metadata of a cloud, printers. So the address that is *connected to* is the one that was checked: a name is looked up
once, every address it has must be allowed, and the connection goes to one of them; names and redirects that change
their mind later change nothing. A name with one private address among public ones is refused: whoever answers for it
would have it taken by chance, or by making the others fail. Proxies of the environment are not used, for they would
look the name up again. Websites (`remote`) and webhooks both connect here.

`HttpConnection` and `HttpsConnection` are those of `http.client` but for that.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from labeler.errors import Forbidden, Unavailable

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[..., list[Any]]

CONNECT_SECONDS = 10.0  # for all addresses of a name together
STALLED_SECONDS = 30.0  # without a byte
_ROUTED = IPv6Network("2000::/3")  # translated (NAT64), mapped and local addresses lie outside of it
_CARRY_OTHERS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))  # 6to4 and Teredo lead on to an IPv4 address


def is_public(address: Address) -> bool:
    """Say whether an address is one of the public internet: not of a private, local, shared or special network."""
    if isinstance(address, IPv6Address) and (
        address not in _ROUTED or address.scope_id or any(address in network for network in _CARRY_OTHERS)
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def unmapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for (::ffff:127.0.0.1), any other as it is."""
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def is_allowed(address: Address, private: Iterable[Network]) -> bool:
    """Say whether an address may be connected to. private: networks that may be, although they are not public."""
    plain = unmapped(address)
    return is_public(plain) or any(plain in network for network in private)


def connect(
    host: str,
    port: int,
    *,
    private: Sequence[Network] = (),
    seconds: float = CONNECT_SECONDS,
    stalled: float = STALLED_SECONDS,
    resolve: Resolve | None = None,
) -> socket.socket:
    """Return a connection to a host, at an address that was checked; raise Forbidden or Unavailable.

    seconds: to connect; stalled: without a byte later; resolve: looks names up, the system's own where None.
    """
    found = _looked_up(host, port, resolve or socket.getaddrinfo)
    _check(host, found, private)
    end = time.monotonic() + seconds
    problem: OSError | None = None
    for left, (family, address) in zip(range(len(found), 0, -1), found, strict=True):
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(max(0.001, (end - time.monotonic()) / left))  # one that is silent leaves time
            connection.connect(address)
            connection.settimeout(stalled)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise Unavailable("{host} cannot be reached ({reason}).", host=host, reason=_why(problem)) from problem


def _check(host: str, found: Iterable[tuple[int, tuple[str, int]]], private: Sequence[Network]) -> None:
    for _, address in found:
        if not is_allowed(ip_address(address[0].partition("%")[0]), private):
            raise Forbidden(
                "{host} has the address {address}, which is no public one, so this server does not connect to it.",
                field="address",
                host=host,
                address=address[0],
            )


def _looked_up(host: str, port: int, resolve: Resolve) -> list[tuple[int, tuple[str, int]]]:
    """Return what a name stands for, as (family, address), in the order of the system."""
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable("There is no address for {host} ({reason}).", host=host, reason=_why(error)) from error
    if not found:
        raise Unavailable("There is no address for {host} ({reason}).", host=host, reason="-")
    return [(family, address) for family, _, _, _, address in found]


def _why(error: BaseException | None) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class HttpConnection(http.client.HTTPConnection):
    """HTTP to an address that was checked. private: networks that may be connected to although they are not public."""

    def __init__(self, host: str, port: int | None = None, *, private: Sequence[Network] = ()) -> None:
        super().__init__(host, port)
        self._private = private

    def connect(self) -> None:
        """Connect to the address that was checked."""
        self.sock = connect(self.host, self.port, private=self._private)


class HttpsConnection(http.client.HTTPSConnection):
    """HTTPS to an address that was checked; the certificate must be that of the name."""

    def __init__(self, host: str, port: int | None = None, *, private: Sequence[Network] = ()) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, context=self._tls)
        self._private = private

    def connect(self) -> None:
        """Connect to the address that was checked, and ask for the certificate of the name."""
        plain = connect(self.host, self.port, private=self._private)
        try:
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except OSError as error:
            plain.close()
            raise Unavailable(
                "{host} has no certificate that can be believed ({reason}).", host=self.host, reason=_why(error)
            ) from error
