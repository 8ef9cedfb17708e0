"""What the client says a row has is what the API's document says."""

from typing import Any, get_type_hints

import pytest
from flask import Flask

from labeler.client import shapes
from labeler.client.shapes import ImportResult

SHAPES = {
    "ProjectOut": shapes.ProjectDetails,
    "ClassOut": shapes.ClassDetails,
    "ProgressOut": shapes.ProgressDetails,
    "ChecksOut": shapes.ChecksDetails,
    "MergingOut": shapes.MergingDetails,
    "ItemOut": shapes.Item,
    "AnnotationOut": shapes.Answer,
    "FlagOut": shapes.Flag,
    "ReviewListed": shapes.Decision,
    "ThreadOut": shapes.Thread,
    "WordOut": shapes.Word,
    "JobOut": shapes.JobDetails,
    "ReleaseOut": shapes.ReleaseDetails,
    "RejectedOut": shapes.RowLeftOut,
}


@pytest.fixture
def documented(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    return found


def fields(documented: dict[str, Any], name: str) -> list[str]:
    """Return the fields of a shape, also of one that the document names below the list it is a row of."""
    found = next(schema for place, schema in documented.items() if place.rpartition(".")[2] == name)
    return [*found["properties"]]


@pytest.mark.parametrize("name", SHAPES)
def test_every_field_of_the_api_has_its_type(documented: dict[str, Any], name: str) -> None:
    assert fields(documented, name) == list(get_type_hints(SHAPES[name]))


def test_the_result_of_an_import_is_the_apis(documented: dict[str, Any]) -> None:
    wanted = ["id" if name == "import" else name for name in fields(documented, "ImportOut")]
    assert wanted == list(ImportResult.__dataclass_fields__)
