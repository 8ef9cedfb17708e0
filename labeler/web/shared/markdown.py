"""Guidelines as HTML: Markdown that a lead wrote, shown to people who did not.

Note: the renderer passes no HTML through, and what it makes is cleaned once more against a
list of allowed elements. Headings begin at `<h3>`, because the page and its card have their own. Pictures on other
hosts are not loaded anywhere in Labeler, so an image becomes a link to it.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_TOP_HEADING = 3
_LOWEST_HEADING = 6
_TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}


@lru_cache(maxsize=64)
def render(text: str) -> Markup:
    """Return Markdown as HTML that is safe to put into a page."""
    import nh3

    renderer = _renderer()
    tokens = renderer.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + _TOP_HEADING - 1, _LOWEST_HEADING)}"
        if token.children:
            token.children = [part for child in token.children for part in _without_image(child)]
    html = renderer.renderer.render(tokens, renderer.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704 - cleaned in the line above


def _renderer() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _without_image(token: "Token") -> list["Token"]:
    """Return the token itself, or for an image a link to it."""
    if token.type != "image":
        return [token]
    from markdown_it.token import Token as Part

    address = str(token.attrs.get("src", ""))
    words = Part("text", "", 0, content=token.content or address)
    return [Part("link_open", "a", 1, attrs={"href": address}), words, Part("link_close", "a", -1)]
