"""The OpenAPI 3.1 document: what APIFlask finds by itself, with the security, errors and bodies it cannot see.

APIFlask knows the models of bodies and answers. It does not know that one check stands in front of all views, that
every error is a problem document, or what a streamed body looks like; `describe` adds that, by rule, for every route.
"""

from collections.abc import Callable
from typing import Any, get_args

from labeler.accounts.permissions import Action
from labeler.api.shapes import Problem
from labeler.exchange.formats.registry import READERS, body_readers
from labeler.exchange.sources import Wants
from labeler.extensions.access import action_of

CONFIG: dict[str, Any] = {
    "OPENAPI_VERSION": "3.1.0",
    "DESCRIPTION": (
        "Label images and text as a team, measure agreement, find wrong labels, review exactly those. "
        "Lists take limit and cursor and answer data and next; follow next until it is null."
    ),
    "AUTO_OPERATION_ID": True,
    "AUTO_404_RESPONSE": False,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
    "SECURITY_SCHEMES": {
        "bearer": {"type": "http", "scheme": "bearer", "description": "A token made with `labeler token create`."},
        "browser": {
            "type": "apiKey",
            "in": "cookie",
            "name": "session",
            "description": "A signed-in browser; requests that change something also need the header X-CSRFToken.",
        },
    },
}
_PROBLEMS = {
    "400": "The request could not be read (malformed JSON, say).",
    "401": "Nobody is signed in.",
    "403": "Your role does not include this.",
    "404": "Not there, or not yours to know.",
    "409": "Clashes with what is stored; nothing was changed.",
    "413": "Over a limit that protects the server.",
    "422": "The input does not fit; field and errors say where.",
}
_ITEM = {
    "type": "object",
    "properties": {
        "id": {"type": ["string", "integer", "null"], "description": "Your own id of the item."},
        "text": {"type": "string"},
        "image": {"type": "string", "contentEncoding": "base64"},
        "label": {"type": ["string", "integer", "null"], "description": "The given label: a class of the project."},
        "metadata": {"type": "object", "additionalProperties": True},
    },
    "description": "Either text or image, as the project has it. Further fields are kept as metadata.",
}


def _upload() -> dict[str, Any]:
    """Return the form of an import; its formats are those that can be sent."""
    formats = [name for name, reader in READERS.items() if not reader.local]
    columns = {
        part: {"type": "string", "description": f"Column with the {part}."}
        for part in ("id", "text", "image", "label", "annotator")
    }
    return {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "format": {"type": "string", "enum": formats, "description": "Recognised from the file when left out."},
            **columns,
            "metadata": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Columns to keep; all when left out.",
            },
            "as": {"type": "string", "enum": [*get_args(Wants)], "description": "What the rows are; items by default."},
            "encoding": {"type": "string", "description": "Of a text file; UTF-8 when left out."},
            "folder_labels": {
                "type": "string",
                "enum": ["yes", "no"],
                "description": "Folders of pictures are labels.",
            },
        },
        "additionalProperties": False,
    }


_ANSWER = {"$ref": "#/components/schemas/Submission"}
_BODIES: dict[str, Callable[[], dict[str, Any]]] = {
    "api.add_items": lambda: {
        **{kind: {"schema": {"type": "string"}} for kind in body_readers()},
        "application/x-ndjson": {"schema": {"type": "string", "description": "One JSON object a line."}},
        "application/json": {"schema": {"type": "array", "items": _ITEM}},
    },
    "api.start_import": lambda: {"multipart/form-data": {"schema": _upload()}},
    "api.submit_annotations": lambda: {
        "application/json": {"schema": {"oneOf": [_ANSWER, {"type": "array", "items": _ANSWER, "maxItems": 100}]}}
    },
}


def describe(document: dict[str, Any] | str) -> dict[str, Any] | str:
    """Return the document with security, problem documents and the bodies that views read by themselves."""
    from labeler.api.annotations import Submission

    assert isinstance(document, dict)  # noqa: S101 - a string is YAML, which is not configured
    document["servers"] = [{"url": "/"}]  # never what some request's Host header said
    parts = document.setdefault("components", {})
    parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    parts["schemas"]["Submission"] = Submission.model_json_schema()
    parts["responses"] = {f"Problem{status}": _problem(words) for status, words in _PROBLEMS.items()}
    for path, operations in document.get("paths", {}).items():
        for operation in operations.values():
            _complete(path, operation)
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    endpoint = operation["operationId"].partition("_")[2].replace("api_", "api.", 1)
    if endpoint in _BODIES:
        operation["requestBody"] = {"required": True, "content": _BODIES[endpoint]()}
    elif "requestBody" in operation:
        operation["requestBody"]["required"] = True
    expected = {"401", "403", *(("404",) if "{" in path else ())}
    if "requestBody" in operation:
        expected |= {"400", "409", "413", "422"}
    elif any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
        expected.add("422")
    for status in sorted(expected):
        operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["security"] = [] if action_of(endpoint) is Action.OPEN else [{"bearer": []}, {"browser": []}]


def _problem(words: str) -> dict[str, Any]:
    return {
        "description": words,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
