"""T6, T7, T18 and T19: who can use the screen, with how many keys, on how small a window, and that it stays at home."""

from itertools import product
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.bench.workspace_browser import DESKTOP, Bench, Desk, open_desk

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
KEYS = {
    "classification": 1,
    "rating": 1,
    "multilabel": 2,
    "boxes": 2,
    "polygons": 2,
    "spans": 2,
    "text": 2,
}  # with Enter for parts
PHONE = {"width": 390, "height": 844}
WINDOWS: dict[str, dict[str, Any]] = {
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "400% zoom": {"viewport": {"width": 360, "height": 225}, "device_scale_factor": 4},  # what 1440 by 900 becomes
    "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True},
}
SIDEWAYS = "() => document.documentElement.scrollWidth - innerWidth"
# links inside a sentence are as high as its line, which WCAG 2.2 (2.5.8) allows
SMALL = """(least) => [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("p, .prose, .skip"))
  .map((one) => [one, one.closest("label")?.getBoundingClientRect() ?? one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 0 && Math.min(width, height) < least - 0.5)
  .map(([one, { width, height }]) => `${one.dataset.do ?? one.dataset.part ?? one.className ?? one.tagName} `
    + `${Math.round(width)} by ${Math.round(height)}`)"""


def bench_accessibility(bench: Bench) -> None:
    """T6: axe on the workspace, both themes, two widths, both directions. Other screens: tests/browser."""
    slugs = ["image-classification"] if bench.short else list(bench.seeded.projects)
    cases = list(product(("light", "dark"), (DESKTOP, PHONE), ("ltr", "rtl")))
    for slug in slugs:
        email, found = bench.seeded.next_person(), dict[str, list[str]]()
        chosen = cases[-1:] if bench.short else cases
        for theme, window, direction in chosen:
            desk = open_desk(bench, slug, email=email, color_scheme=theme, viewport=window, bypass_csp=True)
            desk.answer_and_wait(0)
            desk.page.evaluate("(dir) => { document.documentElement.dir = dir; }", direction)
            wrong = [one["id"] for one in Axe().run(desk.page, options=RULES).response["violations"]]
            if wrong:
                found[f"{theme} {window['width']} {direction}"] = wrong
            desk.close()
        bench.report("T6", "axe violations", sum(map(len, found.values())), 0, n=len(chosen), project=slug, found=found)


def bench_keys(bench: Bench) -> None:
    """T7 and T19: keys pressed for one stored answer; requests to other hosts and breaches of the policy meanwhile."""
    chosen = ("image-classification", "image-boxes", "text-spans") if bench.short else tuple(bench.seeded.projects)
    for slug in chosen:
        task = bench.seeded.projects[slug][0]
        desk = open_desk(bench, slug)
        count = 3
        for number in range(count):
            desk.answer_and_wait(number)
        stored = len(desk.until_stored(count, patience=10))
        bench.report("T7", "keys per stored answer", desk.presses / max(stored, 1), KEYS[task], project=slug, n=stored)
        others = sorted(host for host in desk.hosts if host and host not in bench.url)
        bench.report("T19", "requests to other hosts", len(others), 0, project=slug, hosts=others)
        refused = desk.note("refused")
        bench.report("T19", "breaches of the content policy", len(refused), 0, project=slug, breaches=refused[:5])
        bench.report("T19", "script errors", desk.note("wrong"), 0, project=slug)
        desk.close()


def bench_windows(bench: Bench) -> None:
    """T18: nothing to scroll sideways, nothing too small to hit."""
    slugs = ["image-classification"] if bench.short else list(bench.seeded.projects)
    for slug in slugs:
        email = bench.seeded.next_person()
        for window, options in WINDOWS.items():
            desk = open_desk(bench, slug, email=email, **options)
            _window(bench, desk, window, 44 if options.get("has_touch") else 24)
            desk.close()


def _window(bench: Bench, desk: Desk, window: str, least: int) -> None:
    common = {"project": desk.slug, "window": window}
    bench.report("T18", "scrolls sideways, px", max(0, desk.page.evaluate(SIDEWAYS)), 0, **common)
    small = desk.page.evaluate(SMALL, least)
    bench.report("T18", f"targets smaller than {least} px", len(small), 0, **common, targets=small[:8])


def name_the_rest(bench: Bench) -> None:
    """Say where the lines of the table are that are measured by other commands."""
    bench.skip("T5", "Lighthouse", "needs the Lighthouse program (Node), which this project does without")
    bench.skip("T11", "install to first label", "needs a fresh machine; tests/browser/test_story.py walks the same way")
    bench.skip("T12", "dashboard of 100,000 items", "python -m tests.bench dashboard")
    bench.skip("T15", "keyboard only", "tests/browser")
    bench.skip("T16", "other layouts, rebinding, keys switched off", "tests/browser/test_workspace_modules.py")
