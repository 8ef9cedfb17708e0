"""The bytes of pictures: three sizes, each our own copy, and only for people of the project."""

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from labeler.web.assets.static_files import static_file
from tests.storage.pictures import decoded, encoded, gradient

SignIn = Callable[[str], FlaskClient]
Bearer = Callable[[str], dict[str, str]]


@pytest.fixture
def address(sign_in: SignIn, bearer: Bearer) -> str:
    """The address of a picture of 2000 by 1000 pixels, without its size."""
    client, olga = sign_in(""), bearer("olga")
    new = {"slug": "pics", "media": "image", "task": "classification", "classes": [{"name": "a"}, {"name": "b"}]}
    assert client.post("/api/v1/projects", json=new, headers=olga).status_code == 201
    picture = base64.b64encode(encoded(gradient(2000, 1000))).decode()
    client.post("/api/v1/projects/pics/items", json=[{"id": "p1", "image": picture}], headers=olga)
    items: Any = client.get("/api/v1/projects/pics/items", headers=olga).json
    return f"/p/pics/images/{items['data'][0]['item']}"


@pytest.mark.parametrize(
    ("name", "size"), [("thumb", (256, 128)), ("display", (1600, 800)), ("original", (2000, 1000))]
)
def test_a_picture_comes_in_three_sizes(sign_in: SignIn, address: str, name: str, size: tuple[int, int]) -> None:
    with sign_in("olga").get(f"{address}/{name}") as answered:
        data = answered.data
    assert answered.status_code == 200
    assert decoded(data).size == size
    assert answered.content_type == "image/jpeg"
    assert "immutable" in answered.headers["Cache-Control"]
    assert answered.headers["Content-Security-Policy"].startswith("sandbox")


def test_other_sizes_and_other_people_find_nothing(sign_in: SignIn, address: str) -> None:
    assert sign_in("olga").get(f"{address}/huge").status_code == 404
    assert [sign_in("zed").get(f"{address}/{name}").status_code for name in ("display", "original")] == [404, 404]


@pytest.mark.parametrize(("size", "times"), [((8, 8), 12), ((28, 20), 4), ((199, 10), 4), ((640, 480), 1)])
def test_an_items_page_shows_a_small_picture_at_a_size_to_recognise_and_smooth(
    sign_in: SignIn, bearer: Bearer, size: tuple[int, int], times: int
) -> None:
    client, olga = sign_in("olga"), bearer("olga")
    new = {"slug": "small", "media": "image", "task": "classification", "classes": [{"name": "a"}, {"name": "b"}]}
    client.post("/api/v1/projects", json=new, headers=olga)
    picture = base64.b64encode(encoded(gradient(*size))).decode()
    client.post("/api/v1/projects/small/items", json=[{"id": "p1", "image": picture}], headers=olga)
    items: Any = client.get("/api/v1/projects/small/items", headers=olga).json
    page = client.get(f"/p/small/items/{items['data'][0]['item']}").text
    found = re.search(r'<img\s+class="picture( small)?"\s[^>]*?width="(\d+)"\s+height="(\d+)"', page)
    assert found is not None
    assert bool(found[1]) == (times > 1)
    assert (int(found[2]), int(found[3])) == (size[0] * times, size[1] * times)
    assert "pixelated" not in static_file("bundles/review.css").content.decode()
