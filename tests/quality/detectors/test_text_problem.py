"""Problems of texts: each is found and worded, and ordinary texts of any language have none."""

import random
from itertools import pairwise
from typing import Any

import pytest

from labeler.quality import personal_data
from labeler.quality.dataset import Evidence, Finding
from labeler.quality.detectors.registry import DETECTORS
from labeler.quality.detectors.text_problem import broken, language
from tests.quality.detectors.seen import evidence, said
from tests.quality.worlds import texts

KIND = DETECTORS["text_problem"]
ENGLISH = [
    "the train was late and we had to wait for it in the cold",
    "this is not what they said to us when we were in the shop",
    "you can have it with or without the cover, but not in blue",
    "it was on the table and it is still there as far as I know",
]
GERMAN = "Der Zug ist heute nicht gekommen und die Leute warten auf dem Bahnsteig"
IBAN, CARD = "DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111"


def english(count: int = 100) -> list[str]:
    """Plain English sentences, no two the same."""
    rng = random.Random(1)
    return [f"{rng.choice(ENGLISH)} {rng.choice(ENGLISH)} {number}" for number in range(count)]


def found(contents: list[str]) -> dict[int, Finding]:
    return {one.item: one for one in KIND.find(evidence(contents))}


def kinds(one: Finding) -> list[str]:
    return [reason["kind"] for reason in one.reasons]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", "empty", "There is nothing to read in it."),
        (" \n", "empty", "There is nothing to read in it."),
        ("?! ... --", "empty", "It holds no letter and no digit, only signs."),
        (
            "the cafÃ© was late and we had to wait",
            "garbled",
            "Garbled in 1 place, as when a file is read in the wrong encoding: Ã© was é.",
        ),
        (
            "don\u00e2\u20ac\u2122t and can\u00e2\u20ac\u2122t",
            "garbled",
            "Garbled in 2 places, as when a file is read in the wrong encoding: \u00e2\u20ac\u2122 was \u2019.",
        ),
        ("caf\ufffd and d\ufffdj\ufffd vu", "garbled", "3 letters in it were lost when it was stored."),
        (GERMAN, "language", "It looks German by words that nearly no other text has: der, ist, nicht."),
        (
            "Поезд сегодня опоздал",
            "script",
            "100% of its letters are in Cyrillic script; nearly all texts are in Latin script.",
        ),
        ("it was sent to ada@example.org on the day", "personal", "It holds what looks like 1 e-mail address."),
        (f"this is the account {IBAN} for it", "personal", "It holds what looks like 1 bank account."),
        (f"this is the card {CARD} we have", "personal", "It holds what looks like 1 card number."),
        (
            "you can call +49 30 1234567 or 0171 / 234 56 78 for it",
            "personal",
            "It holds what looks like 2 telephone numbers.",
        ),
    ],
)
def test_a_problem_is_found_and_said_in_its_own_numbers(text: str, kind: str, words: str) -> None:
    flagged = found([*english(), text])
    assert list(flagged) == [100]
    assert kinds(flagged[100]) == [kind]
    assert said(flagged[100]) == [words]


def test_a_text_with_several_problems_stands_once_with_all_of_them() -> None:
    text = f"{GERMAN} fÃ¼r ada@example.org und bob@example.org"
    (one,) = found([*english(), text]).values()
    assert kinds(one) == ["garbled", "language", "personal"]
    assert one.reasons[-1]["count"] == 2
    assert one.suggested is None


def test_personal_data_are_not_said_again_in_what_is_stored() -> None:
    text = f"ada@example.org, {IBAN}, {CARD}, +49 30 1234567"
    (one,) = found([*english(), text]).values()
    stored = str(one.reasons)
    assert not any(part in stored for part in ("ada", "example", "3704", "4111", "1234567"))
    assert [reason["what"] for reason in one.reasons] == ["email", "account", "card", "phone"]


def mixed() -> list[str]:
    return [sentence for pair in zip(english(60), [f"{GERMAN} {number}" for number in range(60)], strict=True)
            for sentence in pair]  # fmt: skip


@pytest.mark.parametrize(
    "contents",
    [
        english(),
        texts((40, 40, 40))[0],
        mixed(),
        [f"猫はとても静かに眠る動物です {n}" for n in range(40)],
        [f"Поезд {n} опоздал, и все люди ждут" for n in range(40)],
        [f"CAFÉ\u201d et «Ö» à Noël, là-bas n° {n} \u2013 NÃO" for n in range(40)],
        [f"born in 1985-{n + 10}, cost 1.234.567, order 4111 1111 1111 1112" for n in range(40)],
        [f"❤️ 👍 {'🎉' * (n + 1)}" for n in range(40)],
        ["a list of de la Cruz, El Salvador and Los Angeles", *english(60)],
        [],
        [""],
    ],
    ids=["english", "made up", "two languages", "japanese", "russian", "accents", "numbers", "smileys", "names", "none",
         "one"],
)  # fmt: skip
def test_clean_texts_have_no_problem_but_to_be_empty(contents: list[str]) -> None:
    assert {kind for one in found(contents).values() for kind in kinds(one)} <= ({"empty"} if "" in contents else set())


def test_what_more_than_a_tenth_has_is_said_once_and_not_of_each() -> None:
    contents = english(60)
    contents[:20] = [f"{text} ada{n}@example.org" for n, text in enumerate(contents[:20])]
    contents[20:40] = [f"{text} fÃ¼r" for text in contents[20:40]]
    seen = evidence(contents)
    assert KIND.find(seen) == []
    notes = KIND.notes(seen)
    assert [note.split(",")[0] for note in notes] == [
        "20 of 60 texts have garbled letters", "20 of 60 texts hold e-mail addresses"
    ]  # fmt: skip


def test_empty_texts_are_flagged_however_many_they_are_and_counted() -> None:
    seen = evidence([*english(20), *[""] * 20])
    assert len(KIND.find(seen)) == 20
    assert KIND.notes(seen) == ["20 texts have nothing to read in them."]


@pytest.mark.parametrize(
    "text", ["naïve café", "Äpfel für Österreich", "«São João» \u2013 não", "Ñandú ¿qué?", "Łódź №5"]
)
def test_letters_with_accents_are_not_garbled_and_garbling_them_is_seen_and_undone(text: str) -> None:
    assert broken.find(text) is None
    garbled = text.encode().decode("cp1252", "ignore")
    seen = broken.find(garbled)
    assert seen is not None
    assert seen.meant in text


def test_places_of_personal_data_do_not_overlap_and_are_in_order() -> None:
    text = f"a@b.example {CARD} {IBAN} 0171 / 234 56 78"
    places = personal_data.find(text)
    assert [one.kind for one in places] == ["email", "card", "account", "phone"]
    assert all(one.end <= other.start for one, other in pairwise(places))


def test_a_small_set_says_nothing_of_languages() -> None:
    assert language.find(["the cat is on the mat"] * 5 + [GERMAN]) == {}


def test_other_media_have_no_text_problems() -> None:
    from pathlib import Path

    seen: Evidence = evidence([Path("a.png")])
    assert KIND.find(seen) == []
    assert KIND.notes(seen) == []


def test_the_flag_is_right_where_the_item_went() -> None:
    outcomes: dict[str, Any] = {
        decision: KIND.was_right(decision, "1", "1") for decision in ("exclude", "keep", "send_back")
    }
    assert outcomes == {"exclude": True, "keep": False, "send_back": None}
