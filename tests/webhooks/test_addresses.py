"""Which addresses a webhook may have: those of the open Internet, whatever they are dressed as."""

from ipaddress import ip_address, ip_network

import pytest

from labeler.config import read_settings
from labeler.errors import Invalid
from labeler.outgoing import is_allowed, is_public
from labeler.webhooks.addresses import Allowed, check_url

NOBODY = Allowed()
LOCAL = Allowed(hosts=("hooks.internal", ".example.org"), networks=(ip_network("10.1.0.0/16"), ip_network("127.0.0.1")))


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",  # noqa: S104 - looked at, not listened on
        "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1", "192.0.0.1",
        "192.0.2.1", "192.168.1.1", "198.18.0.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "fc00::1",
        "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1111%1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_open_internet_is_never_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"])
def test_an_address_of_the_open_internet_is(text: str) -> None:
    assert is_public(ip_address(text))
    assert is_allowed(ip_address(text), NOBODY.private_of("example.org"))


def test_an_operator_allows_names_and_networks() -> None:
    private = LOCAL.private_of("elsewhere.example")
    assert is_allowed(ip_address("10.1.2.3"), private)
    assert is_allowed(ip_address("::ffff:10.1.2.3"), private), "the same address in other clothes"
    assert not is_allowed(ip_address("10.2.0.1"), private)
    for anywhere in ("10.2.0.1", "fd00::1", "169.254.169.254"):
        assert is_allowed(ip_address(anywhere), LOCAL.private_of("hooks.internal"))
    assert LOCAL.host("Hooks.Internal.")
    assert LOCAL.host("a.example.org")
    assert not LOCAL.host("example.org")
    assert not LOCAL.host("notexample.org")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/hook", "https://example.org:8443/a?b=c", "https://8.8.8.8/", "https://[2606:4700::1111]/",
        "https://xn--bcher-kva.example/",
    ],
)  # fmt: skip
def test_an_address_of_somebody_elses_server_is_fine(url: str) -> None:
    assert check_url(url, NOBODY).scheme == "https"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.org/", "must begin with https"),
        ("ftp://example.org/", "must begin with https"),
        ("https://", "An address is like"),
        ("//example.org", "must begin with https"),
        ("example.org", "An address is like"),
        ("https://a:b@example.org/", "without a name or password"),
        ("https://example.org/#part", "An address is like"),
        ("https://example.org:99999/", "An address is like"),
        ("https://example.org:0/", "An address is like"),
        ("https://example.org/\r\nX: 1", "An address is like"),
        ("https://example.org\\@127.0.0.1/", "An address is like"),
        ("https://bücher.example/", "An address is like"),
        ("https://[::1", "An address is like"),
        ("https://example.org/" + "a" * 2000, "An address is like"),
        ("https://127.0.0.1/", "private network"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
        ("https://169.254.169.254/latest/meta-data", "LABELER_WEBHOOK_ALLOW"),
    ],
)
def test_what_could_never_be_sent_to_is_refused_when_it_is_written(url: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        check_url(url, NOBODY)
    assert caught.value.field == "url"


def test_plain_http_is_for_what_the_operator_allows() -> None:
    for url in ("http://hooks.internal/", "http://10.1.0.1:8000/", "http://127.0.0.1/"):
        check_url(url, LOCAL)
    with pytest.raises(Invalid, match="https"):
        check_url("http://10.2.0.1/", LOCAL)


def test_the_setting_is_read_and_what_is_neither_name_nor_network_is_named() -> None:
    found = Allowed.by(read_settings({"LABELER_WEBHOOK_ALLOW": "Hooks.internal, .example.org,10.1.0.0/16,::1"}))
    assert found == Allowed(("hooks.internal", ".example.org"), (ip_network("10.1.0.0/16"), ip_network("::1")))
    for wrong in ("http://a", "a b", "10.0.0.0/99", "*"):
        with pytest.raises(Invalid, match="LABELER_WEBHOOK_ALLOW holds"):
            read_settings({"LABELER_WEBHOOK_ALLOW": wrong})
