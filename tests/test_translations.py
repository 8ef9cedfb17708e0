import re

import pytest
from flask.testing import FlaskClient

from labeler.web.shared.context import LANGUAGES
from tests import catalogues

OTHERS = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%|\{\w+(?=[!:}])")


def forms(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [string] if isinstance(string, str) else list(string or ())


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_interface_is_translated(language: str) -> None:
    found = catalogues.catalogue(language)
    missing = [message.id for message in catalogues.extracted() if message.id and message.id not in found]
    assert missing == []
    assert catalogues.untranslated(found) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_stays_that_the_interface_does_not_have(language: str) -> None:
    known = catalogues.extracted()
    assert [message.id for message in catalogues.catalogue(language) if message.id and message.id not in known] == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_placeholders(language: str) -> None:
    for message in catalogues.catalogue(language):
        wanted = {found.group() for text in forms(message.id) for found in PLACEHOLDER.finditer(text)}
        for text in forms(message.string):
            given = {found.group() for found in PLACEHOLDER.finditer(text)}
            assert given <= wanted, (message.id, text)
            assert wanted - given <= {"%(num)s"}, (message.id, text)


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_catalogue_is_the_one_that_can_be_read(language: str) -> None:
    assert catalogues.path_of(language).with_suffix(".mo").read_bytes() == catalogues.compiled(language)


def test_pages_speak_the_language_of_the_browser_or_the_one_that_was_chosen(sign_in: object) -> None:
    client: FlaskClient = sign_in("olga")  # type: ignore[operator]
    german = client.get("/projects", headers={"Accept-Language": "de-AT, en;q=0.5"}).text
    assert 'lang="de"' in german
    assert 'lang="en"' in client.get("/projects", headers={"Accept-Language": "fr"}).text
    client.post("/language", data={"language": "de"})
    assert 'lang="de"' in client.get("/projects", headers={"Accept-Language": "en"}).text
    client.post("/language", data={"language": "xx"})
    assert 'lang="de"' in client.get("/projects", headers={"Accept-Language": "en"}).text
