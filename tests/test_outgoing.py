"""Connections to addresses that somebody gave: only public ones, and the one that was checked."""

import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from labeler import outgoing
from labeler.errors import Forbidden, Unavailable

LOOPBACK = (ip_network("127.0.0.0/8"),)
Names = Callable[..., None]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """Return a function that says which addresses a name has, one answer for each time it is looked up."""

    def have(*answers: list[str]) -> None:
        left = list(answers)

        def looked_up(_host: str, port: int, **_: Any) -> list[Any]:
            found = left.pop(0)
            family = {4: socket.AF_INET, 6: socket.AF_INET6}
            return [(family[ip_address(one).version], socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

        monkeypatch.setattr(socket, "getaddrinfo", looked_up)

    return have


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - nothing listens
        "255.255.255.255",
        "224.0.0.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::808:808",
        "2002:7f00:1::",
    ],
)
def test_what_only_this_server_reaches_is_not_public(address: str) -> None:
    assert not outgoing.is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_the_internet_is_public(address: str) -> None:
    assert outgoing.is_public(ip_address(address))


def test_a_network_can_be_allowed_also_where_it_is_written_as_ipv6() -> None:
    assert outgoing.is_allowed(ip_address("127.0.0.1"), LOOPBACK)
    assert outgoing.is_allowed(ip_address("::ffff:127.0.0.1"), LOOPBACK)
    assert not outgoing.is_allowed(ip_address("10.0.0.1"), LOOPBACK)


def test_a_name_with_one_private_address_among_others_is_refused(names: Names) -> None:
    names(["8.8.8.8", "127.0.0.1"])
    with pytest.raises(Forbidden, match=r"127\.0\.0\.1, which is no public one"):
        outgoing.connect("two.example", 443)


def test_of_several_addresses_the_next_is_tried_in_the_time_that_is_left(names: Names) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        names(["127.0.0.2", "127.0.0.1"])  # nobody listens at the first
        with outgoing.connect("two.example", port, private=LOOPBACK) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)


def test_the_address_connected_to_is_the_one_that_was_checked(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    names(["8.8.8.8"], ["127.0.0.1"])  # whoever looked a second time would be led here
    asked: list[Any] = []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            asked.append(address)
            raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(socket, "socket", Socket)
    with pytest.raises(Unavailable):
        outgoing.HttpConnection("rebound.example", 80).request("GET", "/")
    assert asked == [("8.8.8.8", 80)]


def test_what_nobody_listens_on_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable, match="cannot be reached"):
        outgoing.connect("127.0.0.1", port, private=LOOPBACK)


def test_a_name_that_is_none_cannot_be_reached() -> None:
    with pytest.raises(Unavailable, match="There is no address"):
        outgoing.connect("a" * 80 + ".example", 80)
