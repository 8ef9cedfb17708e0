"""The floors that tokens.css promises: contrast of every ink on every surface, and colours that stay apart."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from labeler.web.shared.charts import HEAT_STEPS

PACKAGE = Path(__file__).parents[2] / "labeler"
TEMPLATES = PACKAGE / "web"
STYLES = TEMPLATES / "shared" / "styles"
SHEETS = sorted(path for path in PACKAGE.rglob("*.css") if "bundles" not in path.parts)
TOKENS = (STYLES / "tokens.css").read_text(encoding="utf-8")
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
THEMES = ("light", "dark")

PLAIN = ["bg", "surface", "surface-2"]
SOFT = ["accent-soft", "success-soft", "warning-soft", "danger-soft", "info-soft"]
STATUS = ["accent", "success", "warning", "danger", "info"]

Colour = tuple[float, float, float]
COLOURS = {(match[1], theme): match[2 + place] for match in PAIR.finditer(TOKENS) for place, theme in enumerate(THEMES)}


def linear(colour: str) -> Colour:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return (red, green, blue)


def luminance(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def ratio(first: Colour, second: Colour) -> float:
    """WCAG 2.2 contrast ratio of two colours in linear light."""
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def contrast(ink: str, surface: str, theme: str) -> float:
    return ratio(linear(COLOURS[ink, theme]), linear(COLOURS[surface, theme]))


def to_oklab(colour: Colour) -> Colour:
    """Linear sRGB to OKLab (Ottosson 2020)."""
    red, green, blue = colour
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def from_oklab(colour: Colour) -> Colour:
    """OKLab to linear sRGB (Ottosson 2020)."""
    light, a, b = colour
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "floor"), [("text", 13.0), ("text-2", 7.6), ("text-3", 5.1)])
def test_ink_is_readable_on_every_surface(ink: str, floor: float, theme: str) -> None:
    assert {
        surface: contrast(ink, surface, theme) for surface in PLAIN + SOFT if contrast(ink, surface, theme) < floor
    } == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ink", STATUS)
def test_a_status_is_readable_on_every_surface(ink: str, theme: str) -> None:
    assert {
        surface: contrast(ink, surface, theme) for surface in PLAIN + SOFT if contrast(ink, surface, theme) < 5.5
    } == {}


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_the_accent_are_readable_and_the_edges_of_controls_are_visible(theme: str) -> None:
    assert contrast("on-accent", "accent", theme) >= 7
    assert min(contrast("line-control", surface, theme) for surface in PLAIN + SOFT) >= 3.2


@pytest.mark.parametrize("theme", THEMES)
def test_the_number_in_the_hottest_cell_is_readable(theme: str) -> None:
    heat, ground = (to_oklab(linear(COLOURS[name, theme])) for name in ("heat", "surface-2"))
    hottest = max(heat_shares().values())
    mixed = [hottest * one + (1 - hottest) * other for one, other in zip(heat, ground, strict=True)]
    cell = from_oklab((mixed[0], mixed[1], mixed[2]))
    assert ratio(linear(COLOURS["text", theme]), cell) >= 4.5


def heat_shares() -> dict[int, float]:
    steps = re.findall(r"\.v(\d+) \{\s+--v: ([\d.]+)%;\s+\}", (STYLES / "charts.css").read_text(encoding="utf-8"))
    return {int(step): float(share) / 100 for step, share in steps}


def test_every_shade_of_a_heat_cell_has_a_class() -> None:
    assert sorted(heat_shares()) == list(range(1, HEAT_STEPS + 1))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("position", range(1, 25))
def test_a_class_colour_stands_out_from_every_surface(position: int, theme: str) -> None:
    assert min(contrast(f"class-{position}", surface, theme) for surface in PLAIN) >= 3.0


@pytest.mark.parametrize("position", range(1, 25))
def test_every_class_colour_has_its_css_class(position: int) -> None:
    assert f".c{position} {{ --c: var(--class-{position}); }}" in " ".join(TOKENS.split())


@pytest.mark.parametrize("theme", THEMES)
def test_no_two_classes_share_a_colour(theme: str) -> None:
    palette = [to_oklab(linear(COLOURS[f"class-{position}", theme])) for position in range(1, 25)]
    apart = [
        sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 for one, other in combinations(palette, 2)
    ]
    assert min(apart) > 0.04


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_colours_are_written_in_tokens_only_and_nothing_is_fetched_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name != "tokens.css":
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*{)", text) == []
    assert re.findall(r"@font-face|https?:|url\(", text) == []
    addresses = re.findall(r"@import(.*)", text)
    assert all(re.fullmatch(r' "\.\.?/[\w./]+\.css";', address) for address in addresses)
    assert all((path.parent / address[2:-2]).resolve() in SHEETS for address in addresses)


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_custom_property_used_is_defined(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    scripts = "".join(script.read_text(encoding="utf-8") for script in path.parent.glob("*.mjs"))
    measured = set(re.findall(r'setProperty\("(--[\w-]+)"', scripts))  # what only the browser knows, such as a height
    defined = set(re.findall(r"(--[\w-]+):", TOKENS + text)) | measured | {"--c", "--v"}
    assert set(re.findall(r"var\((--[\w-]+)", text)) - defined == set()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_directions_are_logical(path: Path) -> None:
    physical = (
        r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|text-align: (?:left|right))\s*:"
    )
    assert re.findall(physical, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_a_template_has_no_inline_style_script_or_handler(path: Path) -> None:
    text = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    # a file that is downloaded brings its styles along; it is no page
    styled = re.findall(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
    assert styled == (["<style"] if path.name == "picture.html" else [])
    assert [
        tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag and "application/json" not in tag
    ] == []


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_every_icon_used_is_drawn(path: Path) -> None:
    drawn = set(re.findall(r'<symbol id="i-([\w-]+)"', (TEMPLATES / "shared/icons.html").read_text(encoding="utf-8")))
    assert set(re.findall(r"""icon\(["']([\w-]+)["']""", path.read_text(encoding="utf-8"))) - drawn == set()
