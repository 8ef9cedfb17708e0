"""What a lead should know of an export before it is taken out: one line each, what to do about it, and its items."""

from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from labeler.audits.stopping import Verdict
from labeler.exchange.choice_texts import choices_said
from labeler.exchange.contents import Contents, Counted
from labeler.exchange.export_choices import ExportChoices
from labeler.review.expected import Expected
from labeler.statistics.conditions import LABELED, LABELED_OR_TIED, Conditions
from labeler.statistics.remaining_error import RemainingError
from labeler.web.shared.conditions import list_arguments
from labeler.web.shared.words import format_decimal, format_tenths, ngettext
from labeler.web.shared.words import gettext as _

WARN, FINE = "warn", "ok"


@dataclass(frozen=True)
class Line:
    """One thing to know. tone: WARN where somebody should do something; href: its items; actions: (words, address).

    figure: what stands in the place of the count, where it is no count.
    """

    tone: str
    count: int
    words: str
    note: str
    href: str
    actions: tuple[tuple[str, str], ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class Page:
    """Where lines lead to."""

    slug: str
    chosen: ExportChoices

    def items(self, state: str, *, inside: bool) -> str:
        """Return the address of the items in this state: of those in the file, or of all."""
        about: dict[str, Any] = dict(list_arguments(self.chosen.items)) if inside else {}
        return url_for("web.items", slug=self.slug, state=state, **about)

    def left_out(self) -> str:
        """Return the address of the items that the filters keep out."""
        about: dict[str, Any] = dict(list_arguments(self.chosen.items))
        return url_for("web.items", slug=self.slug, left_out=1, **about)

    def here(self, **changed: object) -> str:
        """Return the address of this page with other conditions."""
        return self.with_(replace(self.chosen.items, **changed))  # type: ignore[arg-type]

    def with_(self, conditions: Conditions) -> str:
        """Return the address of this page with these conditions."""
        about: dict[str, Any] = dict(choices_said(replace(self.chosen, items=conditions)))
        return url_for("web.exports", slug=self.slug, **about)


def lines_of(found: Contents, error: RemainingError, page: Page) -> list[Line]:
    """Return the lines, those that somebody should do something about first."""
    lines = [
        _measured(error, page),
        _flagged(found.flagged, found.expected_wrong, page),
        _tied(found.tied, page),
        _unseen(found.given, "given", page),
        _unseen(found.automatic, "automatic", page),
        *_fine(found, page),
    ]
    return sorted((one for one in lines if one is not None), key=lambda one: one.tone != WARN)


def _measured(known: RemainingError, page: Page) -> Line:
    """Return what an audit measured of all labels of the project, or that none did."""
    if known.result is None or known.estimate is None:
        return _unmeasured(known, page)
    one, audit = known.estimate, known.result.audit
    low, high = format_decimal(100 * one.low, "0.0"), format_tenths(one.high)
    sure = _("at any time") if known.state == "early" else "95%"
    note = _(
        "%(low)s to %(high)s (%(sure)s), from %(checked)s random items of an audit",
        low=low,
        high=high,
        sure=sure,
        checked=format_decimal(one.checked),
    )
    if known.new:
        note += " " + ngettext("(%(num)s label came after it)", "(%(num)s labels came after it)", known.new)
    return Line(
        FINE if known.verdict is Verdict.MET else WARN,
        0,
        _("of all labels of the project are wrong"),
        note,
        url_for("web.audit", slug=page.slug, number=audit.number),
        () if known.verdict is Verdict.MET else ((_("Audits"), url_for("web.audits", slug=page.slug)),),
        format_tenths(one.share),
    )


def _unmeasured(known: RemainingError, page: Page) -> Line:
    audits = url_for("web.audits", slug=page.slug)
    words, note = _("No audit yet"), _("how many labels are wrong was not measured")
    if known.running is not None:
        words, note = _("An audit is under way"), _("how many labels are wrong is known when it ends")
    return Line(WARN, 0, words, note, audits, ((_("Audits"), audits),), "?")


def _flagged(count: Counted, expected: Expected | None, page: Page) -> Line | None:
    if not count.all:
        return None
    review = (_("Review"), url_for("web.review", slug=page.slug))
    if not count.inside:
        words = ngettext("flag that nobody has looked at", "flags that nobody has looked at", count.all)
        return Line(FINE, count.all, words, _("not in the file"), page.items("flagged", inside=False), (review,))
    note = _("in the file")
    if expected is not None:
        note = _(
            "in the file; about %(wrong)s of these labels are wrong (%(low)s to %(high)s)",
            wrong=format_decimal(round(expected.wrong)),
            low=format_decimal(expected.low),
            high=format_decimal(expected.high),
        )
    words = ngettext("item whose flag nobody has looked at", "items whose flag nobody has looked at", count.inside)
    out = (_("Leave out"), page.here(no_flags=True))
    return Line(WARN, count.inside, words, note, page.items("flagged", inside=True), (review, out))


def _tied(count: Counted, page: Page) -> Line | None:
    if not count.all:
        return None
    decide = (_("Decide"), url_for("web.disagreements", slug=page.slug))
    if count.inside:
        words = ngettext("open tie", "open ties", count.inside)
        leave = {"which": LABELED} if page.chosen.items.which == LABELED_OR_TIED else {"no_ties": True}
        out = (_("Leave out"), page.here(**leave))
        note = _("in the file, without a final label")
        return Line(WARN, count.inside, words, note, page.items("tie", inside=True), (decide, out))
    words = ngettext("open tie", "open ties", count.all)
    add = (_("Add with shares of classes"), page.here(which=LABELED_OR_TIED, no_ties=False))
    more = (decide, add) if page.chosen.items.which == LABELED else (decide,)
    return Line(WARN, count.all, words, _("not in the file: no final label"), page.items("tie", inside=False), more)


def _unseen(count: Counted, state: str, page: Page) -> Line | None:
    if not count.all:
        return None
    if state == "given":
        words = ngettext("existing label nobody has seen", "existing labels nobody has seen", count.inside or count.all)
    else:
        words = ngettext(
            "label of the model nobody has seen", "labels of the model nobody has seen", count.inside or count.all
        )
    if count.inside:
        out = (_("Leave out"), page.here(min_votes=max(1, page.chosen.items.min_votes)))
        return Line(WARN, count.inside, words, _("in the file"), page.items(state, inside=True), (out,))
    note = _("not in the file because of a filter")
    return Line(FINE, count.all, words, note, page.items(state, inside=False))


def _fine(found: Contents, page: Page) -> list[Line]:
    known = (
        ("ambiguous", found.ambiguous, _("called ambiguous by a lead"), _("in the file with shares of classes")),
        ("consensus", found.consensus, _("by consensus of the answers"), ""),
        ("decided", found.reviewed, _("decided by a lead"), ""),
    )
    return [
        Line(FINE, count.inside, words, note, page.items(state, inside=True))
        for state, count, words, note in known
        if count.inside
    ]
