"""The sample data is what its files say it is: complete, small, and with errors that can be found."""

import csv
import json
from collections import Counter
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

import labeler
from labeler.cli.demo_digits import DIGITS, PLANTED, Digit, slips_of_digits, write_digits
from labeler.cli.demo_samples import read_classes, read_truth, sample_folder
from labeler.errors import Invalid, NotFound

SAMPLES = ("support_tickets", "reviews_rating", "digits")
TEXT_SAMPLES = {"support_tickets": 240, "reviews_rating": 120}
MAX_BYTES = 300_000


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> list[Digit]:
    return write_digits(tmp_path_factory.mktemp("digits"), n=100, seed=3)


@pytest.mark.parametrize(("name", "count"), TEXT_SAMPLES.items())
def test_items_and_truth_name_the_same_items_once(name: str, count: int) -> None:
    items = [row["id"] for row in rows(sample_folder(name), "items.csv")]
    truth = [row["id"] for row in rows(sample_folder(name), "truth.csv")]
    assert items == truth
    assert len(items) == len(set(items)) == count


@pytest.mark.parametrize("name", TEXT_SAMPLES)
def test_no_text_is_empty_or_there_twice(name: str) -> None:
    texts = [row["text"] for row in rows(sample_folder(name), "items.csv")]
    assert all(text.strip() == text and text for text in texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", TEXT_SAMPLES)
def test_every_label_and_every_class_in_a_note_is_a_class(name: str) -> None:
    names = {name for name, _ in read_classes(sample_folder(name))}
    truth = read_truth(sample_folder(name))
    assert set(truth.labels.values()) == names
    assert {label for labels in truth.hard.values() for label in labels} <= names
    assert {row.get("label", next(iter(names))) for row in rows(sample_folder(name), "items.csv")} <= names


@pytest.mark.parametrize("name", SAMPLES)
def test_the_guidelines_have_a_section_with_a_rule_for_each_class(name: str) -> None:
    text = (sample_folder(name) / "guidelines.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0]: part for part in text.split("\n## ")[1:]}
    assert list(sections) == [name for name, _ in read_classes(sample_folder(name))]
    assert all("**Rule.**" in section and "**Tricky**" in section for section in sections.values())


@pytest.mark.parametrize("name", TEXT_SAMPLES)
def test_the_guidelines_of_texts_show_yes_and_no_examples(name: str) -> None:
    text = (sample_folder(name) / "guidelines.md").read_text(encoding="utf-8")
    assert text.count("**Yes**") == text.count("**No**") == text.count("\n## ")


def test_exactly_twelve_tickets_came_with_a_wrong_label() -> None:
    folder = sample_folder("support_tickets")
    truth = read_truth(folder)
    wrong = [row["id"] for row in rows(folder, "items.csv") if row["label"] != truth.labels[row["id"]]]
    assert len(wrong) == 12
    assert not set(wrong) & set(truth.hard)


def test_tickets_have_ambiguous_copied_and_off_topic_items() -> None:
    folder = sample_folder("support_tickets")
    notes = Counter(row["notes"].split(" of ")[0].split(":")[0] for row in rows(folder, "truth.csv"))
    assert notes == {"": 226, "ambiguous": 6, "near-duplicate": 6, "off topic": 2}
    ids = {row["id"] for row in rows(folder, "items.csv")}
    assert all(
        row["notes"].split(" of ")[1] in ids - {row["id"]}
        for row in rows(folder, "truth.csv")
        if " of " in row["notes"]
    )


def test_reviews_come_without_given_labels_and_with_every_rating_alike() -> None:
    folder = sample_folder("reviews_rating")
    assert list(rows(folder, "items.csv")[0]) == ["id", "text"]
    assert Counter(read_truth(folder).labels.values()) == dict.fromkeys("12345", 24)


def test_the_samples_stay_small() -> None:
    files = [path for name in SAMPLES for path in sample_folder(name).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MAX_BYTES


def test_an_unknown_sample_is_not_found() -> None:
    with pytest.raises(NotFound, match="no_such"):
        sample_folder("no_such")


def test_an_installed_wheel_finds_its_samples_through_its_list_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labeler, "__file__", str(tmp_path / "site-packages" / "labeler" / "__init__.py"))
    source = tmp_path / "share" / "labeler" / "sample_data" / "support_tickets"
    source.mkdir(parents=True)
    (source / "items.csv").touch()
    listed = metadata.PackagePath("../../share/labeler/sample_data/support_tickets/items.csv")
    listed.dist = SimpleNamespace(locate_file=lambda path: tmp_path / "lib" / "x" / path)  # type: ignore[assignment]
    (tmp_path / "lib" / "x").mkdir(parents=True)
    monkeypatch.setattr(metadata, "files", lambda name: [listed] if name == "labeler" else None)
    assert sample_folder("support_tickets") == source.resolve()


def test_without_an_install_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(labeler, "__file__", str(tmp_path / "labeler" / "__init__.py"))
    monkeypatch.setattr(metadata, "files", not_there)
    with pytest.raises(NotFound, match="from a clone"):
        sample_folder("digits")


def test_digits_are_written_as_pictures_with_twelve_wrong_labels(digits: list[Digit]) -> None:
    assert Counter(digit.truth for digit in digits) == {str(digit): 10 for digit in range(DIGITS)}
    assert sum(digit.truth != digit.given for digit in digits) == PLANTED == 12
    assert len({digit.path for digit in digits}) == 100
    assert all(digit.path.read_bytes().startswith(b"\x89PNG") for digit in digits)


def test_digits_are_dark_ink_on_white_paper(digits: list[Digit]) -> None:
    from PIL import Image

    with Image.open(digits[0].path) as picture:
        assert picture.size == (128, 128)
        assert picture.getpixel((0, 0)) == 255
        darkest, brightest = picture.convert("L").getextrema()
    assert (darkest, brightest) == (30, 255)


def test_the_same_seed_writes_the_same_digits(digits: list[Digit], tmp_path: Path) -> None:
    again = write_digits(tmp_path, n=100, seed=3)
    other = write_digits(tmp_path / "other", n=100, seed=4)
    assert [digit[1:] for digit in again] == [digit[1:] for digit in digits] != [digit[1:] for digit in other]
    assert again[7].path.read_bytes() == digits[7].path.read_bytes()


@pytest.mark.parametrize("n", [0, 59, 1701])
def test_too_few_or_too_many_digits_are_refused(n: int, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="60 to 1700"):
        write_digits(tmp_path, n=n)


def test_a_slip_about_a_digit_is_another_digit_and_mostly_a_look_alike() -> None:
    slips = slips_of_digits()
    assert list(slips) == [name for name, _ in read_classes(sample_folder("digits"))]
    assert all(digit not in others for digit, others in slips.items())
    assert slips["4"].count("9") == 3 * slips["4"].count("1")


def test_classes_are_plain_name_and_description() -> None:
    for name in SAMPLES:
        for row in json.loads((sample_folder(name) / "classes.json").read_text(encoding="utf-8")):
            assert set(row) == {"name", "description"}
            assert row["description"]


@pytest.mark.slow
def test_planted_errors_can_be_found_by_a_plain_model() -> None:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline

    folder = sample_folder("support_tickets")
    items, truth = rows(folder, "items.csv"), read_truth(folder)
    names = sorted(name for name, _ in read_classes(folder))
    given = np.array([names.index(row["label"]) for row in items])
    right = np.array([names.index(truth.labels[row["id"]]) for row in items])
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    texts = [row["text"] for row in items]
    chances = cross_val_predict(model, texts, given, cv=folds, method="predict_proba")
    assert (chances.argmax(axis=1) == right).mean() >= 0.85
    worst = np.argsort(chances[np.arange(len(given)), given])[:24]
    assert (given != right)[worst].sum() >= 10
