"""The OpenAPI document: valid in its parts, complete in its routes, true about what comes back."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.api.conftest import Api
from tests.conftest import Made

NAME = re.compile(r"[a-zA-Z0-9._-]+")


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json", headers={"Host": "evil.localhost"})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def test_it_is_openapi_3_1_with_bearer_tokens_and_no_word_from_the_request(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["servers"] == [{"url": "/"}]
    assert "evil" not in str(document)


def test_every_route_of_the_api_is_in_it_and_no_page(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in _operations(document)} == routes


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(_references(document)):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
        assert part
    assert all(NAME.fullmatch(name) for kind in document["components"].values() for name in kind)


def test_every_operation_says_who_may_and_what_comes_back(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(ids) == len(set(ids))
    for path, method, operation in _operations(document):
        assert operation["security"] == [{"bearer": []}, {"browser": []}]
        assert operation["summary"]
        statuses = set(operation["responses"])
        assert {"401", "403"} <= statuses
        assert any(status.startswith("2") for status in statuses)
        assert ("404" in statuses) == ("{" in path)
        if "requestBody" in operation:
            assert {"400", "422"} <= statuses
            assert method in {"post", "put", "patch"}
        declared = {part["name"] for part in operation["parameters"] if part["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))
        assert all(part["required"] for part in operation["parameters"] if part["in"] == "path")
        assert all("schema" in part for part in operation["parameters"])


def test_the_whole_document_is_valid_where_a_validator_is_at_hand(document: dict[str, Any]) -> None:
    validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not installed")
    validator.validate(document)


def test_answers_hold_exactly_what_it_promises(
    document: dict[str, Any], api: Callable[[str], Api], make_project: Callable[..., Made]
) -> None:
    made = make_project(items=2, votes=1, given="cat")
    ann, olga = api("ann"), api("olga")
    held = ann.claim(made)
    schemas = document["components"]["schemas"]
    assert set(held[0]) <= set(schemas["HeldItems.HeldItem"]["properties"])
    receipt = ann.answer(made, held[0]["assignment"], "cat").json
    assert set(receipt) == set(schemas["Receipts.ReceiptOut"]["properties"])
    for path, name in (("items", "ItemList"), ("consensus", "ConsensusList"), ("annotations", "AnnotationList")):
        row = olga.pages(f"/projects/pets/{path}")[0]
        (inner,) = (key for key in schemas if key.startswith(f"{name}."))
        assert set(row) == set(schemas[inner]["properties"])
