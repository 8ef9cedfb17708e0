"""Addresses of files elsewhere, and the places that are allowed: compared by their parts, never as text."""

import pytest

from labeler.errors import Invalid
from labeler.remote.addresses import Allowed, is_address, parsed

PLACES = Allowed.of(["s3://bucket/set", "https://data.example.org/", "https://big.example.org:8443/open"])


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/set/",
        "s3://bucket/set",
        "s3://bucket/set/a b/ü.png",
        "s3://bucket/set/*.png",
        "s3://bucket/set/**/[ab]?.jpg",
        "https://data.example.org/x.csv",
        "HTTPS://Data.Example.org:443/x.csv?v=2",
        "https://big.example.org:8443/open/x",
    ],
)
def test_what_lies_in_an_allowed_place_may_be_asked(text: str) -> None:
    PLACES.check(parsed(text))


@pytest.mark.parametrize(
    "text",
    [
        "s3://bucket/settings/key",
        "s3://bucket/",
        "s3://bucket/se*",
        "s3://bucket/*/x",
        "s3://other/set/x",
        "gs://bucket/set/x",
        "http://data.example.org/x.csv",
        "https://data.example.org:444/x",
        "https://data.example.org.evil.example/x",
        "https://evil.example/data.example.org/",
        "https://big.example.org/open/x",
        "https://big.example.org:8443/opened",
    ],
)
def test_what_only_looks_like_an_allowed_place_may_not(text: str) -> None:
    with pytest.raises(Invalid, match="may not fetch"):
        PLACES.check(parsed(text))


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "ftp://data.example.org/x",
        "simplecache::s3://bucket/set/x",
        "s3://bucket/set/x::file:///etc/passwd",
        "zip://a.csv::s3://bucket/set/x.zip",
        "s3://bucket/set/../secret",
        "s3://bucket/set/..",
        "s3://key:secret@bucket/set/x",
        "https://data.example.org@evil.example/x",
        "https://user:password@data.example.org/x",
        "https://data.example.org/a/%2e%2e/b",
        "https://data.example.org/a%2f..%2fb",
        "https://data.example.org\\@evil.example/x",
        "https://data.example.org/x\r\nHost: evil.example",
        "https:///x",
        "s3:///x",
        "s3://bucket/set/\x00",
        "s3://" + "a" * 3000,
        "",
    ],
)
def test_hostile_addresses_are_none(text: str) -> None:
    with pytest.raises(Invalid, match=r"address of"):
        parsed(text)


def test_without_the_setting_nothing_may_be_asked_and_it_is_said_who_can_change_that() -> None:
    with pytest.raises(Invalid, match="LABELER_REMOTE=s3://bucket/folder"):
        Allowed().check(parsed("s3://bucket/x"))


@pytest.mark.parametrize("text", ["bucket/folder", "file:///data", "s3://bucket/*.png", "https://x.example/?key=1"])
def test_a_setting_that_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="LABELER_REMOTE holds"):
        Allowed.of([text])


def test_a_key_behind_a_question_mark_is_asked_with_but_not_shown() -> None:
    address = parsed("https://data.example.org/x.png?signature=secret")
    assert address.whole == "https://data.example.org/x.png?signature=secret"
    assert str(address) == "https://data.example.org/x.png"


def test_the_folder_of_a_pattern_is_the_deepest_without_a_sign() -> None:
    assert str(parsed("s3://bucket/set/*/train/*.png").folder) == "s3://bucket/set/"
    assert str(parsed("s3://bucket/*.png").folder) == "s3://bucket/"
    assert str(parsed("https://data.example.org/a/b.csv").folder) == "https://data.example.org/a/"


def test_names_in_tables_are_told_apart_from_addresses() -> None:
    assert is_address("s3://bucket/x.png")
    assert is_address("HTTPS://data.example.org/x.png")
    assert not is_address("pictures/x.png")
    assert not is_address("file:///x.png")
