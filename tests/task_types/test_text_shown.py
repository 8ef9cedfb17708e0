"""How a text and what differs in it are drawn: as typed, never as markup, and never by colour alone."""

import re

from flask import Flask, render_template

from labeler.task_types.text.diff import differences

HEBREW = "\u05e9\u05dc\u05d5\u05dd"


def shown(app: Flask, text: str) -> str:
    with app.test_request_context():
        return render_template("task_types/text/typed.html", text=text)


def differs(app: Flask, older: str, newer: str) -> str:
    """Return the difference as drawn, without what only a screen reader says."""
    with app.test_request_context():
        drawn = render_template("task_types/text/differs.html", diff=differences(older, newer))
    return re.sub(r'<span class="sr">[^<]*</span>', "", drawn)


def test_a_text_is_drawn_as_typed_and_never_as_markup(app: Flask) -> None:
    assert shown(app, "  a <b>\n  & c ") == '<p class="typed" dir="auto">  a &lt;b&gt;\n  &amp; c </p>'
    assert shown(app, " \n") == '<p class="typed nothing">No text</p>'


def test_what_differs_is_marked_by_elements_and_isolated(app: Flask) -> None:
    assert differs(app, "the <i>cat</i>", "the <i>dog</i>") == (
        '<p class="typed" dir="ltr">the &lt;i&gt;<del><bdi>cat</bdi></del><ins><bdi>dog</bdi></ins>&lt;/i&gt;</p>'
    )
    assert differs(app, HEBREW, f"{HEBREW} abc").startswith(f'<p class="typed" dir="rtl">{HEBREW}<ins><bdi> abc')
    assert differs(app, "", " ") == '<p class="typed" dir="ltr"><span class="nothing">No text</span></p>'


def test_a_difference_can_be_heard(app: Flask) -> None:
    with app.test_request_context():
        drawn = render_template("task_types/text/differs.html", diff=differences("a cat", "a dog"))
    assert re.sub("<[^>]*>", "", drawn) == "a taken out: cat; put in: dog; "
