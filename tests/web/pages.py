"""A look at a page as a browser would take it: what every HTML page of Labeler has to get right."""

from html.parser import HTMLParser
from typing import Any

VOID = {"input", "meta", "link", "br", "hr", "img", "use", "path", "rect", "circle", "line", "col", "wbr"}
NEEDS_A_NAME = {"input", "select", "textarea"}


class Page(HTMLParser):
    """The parts of a page that rules are about."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.headings: list[str] = []
        self.problems: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.links: list[str] = []
        self._inside: list[str] = []
        self._labels: set[str] = set()
        self._fields: list[dict[str, str]] = []
        self._ids: set[str] = set()
        self.feed(html)
        self.problems += [
            f"a field without a name to read out: {field}" for field in self._fields if not self._named(field)
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._inside.append(tag)
        self.problems += [f"inline {name}: {given[name]}" for name in given if name == "style" or name.startswith("on")]
        if given.get("id") in self._ids:
            self.problems.append(f"the id {given['id']} stands twice")
        self._ids.add(given.get("id", ""))
        self._ids.discard("")
        self._look(tag, given)

    def _look(self, tag: str, given: dict[str, str]) -> None:
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.problems.append("an inline script")
        if tag == "style":
            self.problems.append("an inline style sheet")
        if tag == "h1":
            self.headings.append("")
        if tag == "form":
            self.forms.append({"method": given.get("method", "get").lower(), "fields": []})
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "label" and "for" in given:
            self._labels.add(given["for"])
        if tag == "img" and "alt" not in given:
            self.problems.append(f"a picture without words: {given}")
        if tag in NEEDS_A_NAME and given.get("type") not in {"hidden", "submit"} and "hidden" not in given:
            self._fields.append({**given, "wrapped": "yes" if "label" in self._inside else ""})
        if tag == "input" and self.forms and "form" in self._inside:
            self.forms[-1]["fields"].append(given.get("name", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._inside[-1:] == ["title"] and "svg" not in self._inside:
            self.title += data
        if "h1" in self._inside:
            self.headings[-1] += data

    def _named(self, field: dict[str, str]) -> bool:
        return bool(field["wrapped"] or field.get("aria-label") or field.get("aria-labelledby")) or (
            field.get("id") in self._labels
        )


def inspect(html: str) -> Page:
    """Return the page; fails, naming each rule it breaks."""
    assert html.lstrip().lower().startswith("<!doctype html>"), html[:80]
    page = Page(html)
    headings = [heading.strip() for heading in page.headings]
    assert len(headings) == 1, headings
    assert page.title.strip().startswith(headings[0]), (page.title, headings)
    for form in page.forms:
        if form["method"] == "post":
            assert "csrf_token" in form["fields"], form
    assert page.problems == []
    return page
