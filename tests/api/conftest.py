"""A client of the API for each of the cast."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Made


class Api:
    """What one person's program sends: paths below /api/v1, a bearer token, JSON."""

    def __init__(self, app: Flask, headers: dict[str, str]) -> None:
        self._client = app.test_client(use_cookies=False)
        self._headers = headers

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        headers = {**self._headers, **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        return self._client.open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str) -> Any:
        return self("GET", path)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self("POST", path, body, **options)

    def claim(self, made: Made, count: int = 1) -> list[dict[str, Any]]:
        answer = self.post(f"/projects/{made.slug}/assignments", {"count": count})
        assert answer.status_code == 200, answer.json
        found: list[dict[str, Any]] = answer.json
        return found

    def answer(self, made: Made, assignment: int, label: str, key: str = "") -> Any:
        body = {
            "key": key or f"key-{assignment:08d}",
            "assignment": assignment,
            "value": {"label": label},
            "seconds": 2.5,
        }
        return self.post(f"/projects/{made.slug}/annotations", body)

    def pages(self, path: str) -> list[dict[str, Any]]:
        """Every row of a list, page by page."""
        rows: list[dict[str, Any]] = []
        following: str | None = f"/api/v1{path}"
        while following:
            answer = self.get(following.removeprefix("/api/v1"))
            assert answer.status_code == 200, answer.json
            rows += answer.json["data"]
            following = answer.json["next"]
        return rows


@pytest.fixture
def api(app: Flask, bearer: Callable[[str], dict[str, str]]) -> Callable[[str], Api]:
    """Return a function that gives the API client of one of the cast ("" for nobody)."""

    def client(name: str) -> Api:
        return Api(app, bearer(name) if name else {})

    return client
