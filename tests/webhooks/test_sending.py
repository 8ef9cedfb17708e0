"""Calls to servers that mean ill: names that change what they mean, redirects, answers without an end."""

import socket
import threading
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from typing import Any

import pytest

from labeler.outgoing import Resolve
from labeler.webhooks.addresses import Allowed
from labeler.webhooks.sending import READ, Outcome, post
from tests.webhooks.receiver import Receiver

HERE = Allowed(networks=(ip_network("127.0.0.1"),))


def answers(*turns: str) -> Resolve:
    """Return a resolver that says another address at each look-up."""
    left = list(turns)

    def resolve(host: str, port: int, **_options: Any) -> list[Any]:
        del host
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in address.split()]

    return resolve


def call(url: str, allowed: Allowed = HERE, **options: Any) -> Outcome:
    return post(url, b'{"a": 1}', {"Content-Type": "application/json"}, allowed=allowed, **options)


def test_a_body_arrives_and_the_answer_is_kept(receiver: Receiver) -> None:
    outcome = call(receiver.url + "?a=b")
    assert (outcome.status, outcome.answer, outcome.error) == (200, "fine", "")
    came = receiver.came[0]
    assert (came.path, came.body, came.headers["Host"]) == ("/hook?a=b", b'{"a": 1}', f"127.0.0.1:{receiver.port}")


def test_a_name_that_means_this_machine_is_refused(receiver: Receiver) -> None:
    for means in ("127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.8 192.168.0.1", "fd00::1"):
        outcome = call(f"https://evil.example:{receiver.port}/", Allowed(), resolve=answers(means))
        assert outcome.status is None
        assert "evil.example has the address " in outcome.error
        assert "LABELER_WEBHOOK_ALLOW" in outcome.error
    assert receiver.came == []


def test_a_name_is_looked_up_once_and_what_it_means_later_is_nobodys(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[Any] = []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            connected.append(address)
            raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "socket", Socket)
    # public when it is checked, this machine when it would be looked up again
    outcome = call(f"https://rebinding.example:{receiver.port}/", Allowed(), resolve=answers("8.8.8.8", "127.0.0.1"))
    assert connected == [("8.8.8.8", receiver.port)]
    assert outcome.error == "rebinding.example cannot be reached (Connection refused)."


def test_a_name_with_one_private_address_among_others_is_refused(receiver: Receiver) -> None:
    for means in ("8.8.8.8 10.0.0.8", "127.0.0.1 169.254.169.254", "fd00::1 8.8.8.8"):
        outcome = call(f"https://mixed.example:{receiver.port}/", resolve=answers(means))
        assert outcome.status is None
        assert "which is no public one" in outcome.error
        assert "LABELER_WEBHOOK_ALLOW" in outcome.error
    assert receiver.came == []


def test_a_host_that_the_operator_names_may_be_anywhere(receiver: Receiver) -> None:
    by_name = Allowed(hosts=("hooks.internal",))
    assert call(f"http://hooks.internal:{receiver.port}/", by_name, resolve=answers("127.0.0.1")).status == 200
    assert receiver.came[0].headers["Host"] == f"hooks.internal:{receiver.port}"


def test_the_connection_goes_to_the_very_address_that_was_checked(receiver: Receiver) -> None:
    peers: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        peers.append(handler.connection.getsockname()[0])
        handler.send_response(204)
        handler.end_headers()

    receiver.answer = answer
    by_name = Allowed(hosts=("localhost.example",))
    outcome = call(f"http://localhost.example:{receiver.port}/", by_name, resolve=answers("127.0.0.1", "127.0.0.2"))
    assert outcome.status == 204
    assert peers == ["127.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_told_and_not_followed(receiver: Receiver, status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", f"http://127.0.0.1:{receiver.port}/again?secret=1")
        handler.end_headers()

    receiver.answer = answer
    outcome = call(receiver.url)
    assert outcome.status == status
    assert f"http://127.0.0.1:{receiver.port}/again. Write the address it really has" in outcome.error
    assert len(receiver.came) == 1

    def metadata(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", "http://169.254.169.254/latest/meta-data")
        handler.end_headers()

    receiver.answer = metadata
    assert "is not followed: http://169.254.169.254" in call(receiver.url).error


def test_of_an_answer_without_an_end_only_the_beginning_is_read(receiver: Receiver) -> None:
    sent = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        try:
            while not receiver.closing.is_set():
                sent += handler.wfile.write(b"x" * 65536)
        except OSError:
            return

    receiver.answer = answer
    outcome = call(receiver.url)
    assert (outcome.status, outcome.error, len(outcome.answer)) == (200, "", READ)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 20"])
def test_a_server_that_trickles_is_cut_off_when_the_time_is_over(receiver: Receiver, begun: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(begun)
            while not receiver.closing.wait(0.02):  # each byte alone comes well within any time-out
                handler.wfile.write(b"0" if begun else b"")
        except OSError:
            return

    receiver.answer = answer
    outcome = call(receiver.url, seconds=0.3)
    assert outcome.status is None
    assert outcome.error == "The server did not answer within 0.3 s."
    assert outcome.milliseconds < 5000


@pytest.mark.parametrize("rest", [b"X: ", b"\r\n"])
def test_a_server_that_trickles_after_it_has_answered_has_been_told(receiver: Receiver, rest: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + rest)
            while not receiver.closing.wait(0.02):
                handler.wfile.write(b"a")
        except OSError:
            return

    receiver.answer = answer
    outcome = call(receiver.url, seconds=0.3)
    assert (outcome.status, outcome.error) == (200, "")
    assert outcome.milliseconds < 4000


@pytest.mark.parametrize("said", [b"no HTTP at all\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 70000, b""])
def test_what_is_no_answer_is_told(receiver: Receiver, said: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(said)

    receiver.answer = answer
    outcome = call(receiver.url, seconds=2)
    assert outcome.status is None
    assert outcome.error.startswith("The server cannot be reached (")


def test_an_answer_that_cannot_be_stored_is_mended(receiver: Receiver) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(500)
        handler.end_headers()
        handler.wfile.write(b"\xff\x00 broken")

    receiver.answer = answer
    outcome = call(receiver.url)
    assert (outcome.status, outcome.answer) == (500, "\ufffd broken")
    assert outcome.error == "The server answered 500."


def test_names_that_mean_nothing_are_told() -> None:
    def unknown(*_asked: Any, **_options: Any) -> list[Any]:
        raise socket.gaierror(-2, "Name or service not known")

    assert "Name or service not known" in call("https://nowhere.example/", Allowed(), resolve=unknown).error
    assert (
        "There is no address for nowhere.example (-)"
        in call("https://nowhere.example/", Allowed(), resolve=lambda *_, **__: []).error
    )


def test_a_server_that_trickles_its_handshake_is_cut_off_too(receiver: Receiver) -> None:
    """A TLS record that promises more than it brings: each byte alone comes in time."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    connection.sendall(b"\x16\x03\x03\x40\x00")
                    while not receiver.closing.wait(0.02):
                        connection.sendall(b"\x00")
                except OSError:
                    return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        outcome = call(f"https://127.0.0.1:{listening.getsockname()[1]}/", seconds=0.3)
        thread.join(5)
    assert outcome.status is None
    assert outcome.error == "The server did not answer within 0.3 s."
    assert outcome.milliseconds < 5000


def test_a_server_that_speaks_no_tls_is_refused(receiver: Receiver) -> None:
    outcome = call(f"https://127.0.0.1:{receiver.port}/")
    assert outcome.status is None
    assert outcome.error.startswith("The server cannot be reached (")
    assert receiver.came == []
