"""What rules and jobs say, in the language of the page.

They know no request, so they write English, as the API and the commands need it; a job may even have written it before
anybody looked. Here stands which of their sentences pages print, so that each has its place in the catalogues.

What a reader would get wrong: a sentence that is not listed is shown as it was written; nothing breaks. And `_l` here
only marks a text for the catalogues, because the English one is needed to recognise what was said.
"""

import re
from functools import cache
from re import Pattern

from flask_babel import get_locale

from labeler.quality.detectors.registry import detector
from labeler.web.blueprint import blueprint
from labeler.web.shared.words import format_decimal
from labeler.web.shared.words import gettext as _

_PLACE = re.compile(r"%\((\w+)\)s")
_LONGEST = 500
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")


def _l(text: str) -> str:
    return text


NAMES = (
    *(_l("Boxes"), _l("Classification"), _l("Polygons"), _l("Rating"), _l("Several labels"), _l("Spans")),
    *(_l("CSV table"), _l("TSV table"), _l("JSON list"), _l("Folder of images"), _l("ZIP of images")),
    *(_l("cleanlab table (CSV)"), _l("spaCy training data (JSON)"), _l("spaCy training data (JSON Lines)")),
)

FLAGS = (
    *(_l("Wrong label"), _l("Contradiction"), _l("Ambiguous"), _l("Duplicate"), _l("Outlier")),
    *(_l("Suspected label errors"), _l("Twins with different labels"), _l("Items that are hard to decide")),
    *(_l("Near-duplicates"), _l("Items unlike all others")),
)

PROGRESS = (
    _l("Starting"),
    _l("Inferring the consensus"),
    _l("Reading the items."),
    _l("Comparing the items with each other."),
    _l("Training models that never see the items they judge."),
    _l("Training models."),
    _l("Weighing several votes on an item."),
    _l("Comparing the models with guessing."),
    _l("Estimating how labels are mixed up."),
    _l("Computing cleanlab's standard scores."),
    _l("Writing down what was found."),
    _l("Putting look-alikes together."),
    _l("Done."),
    _l("%(count)s flags"),
    _l("%(count)s rows read"),
    _l("%(added)s added, %(rejected)s not"),
    _l("Something went wrong in this job; the worker's log says what. Nothing was changed by the last step."),
)

NOTES = (
    _l("Classes were merged or removed while the labels were checked. Check the labels again."),
    _l("There are no items yet. Import items, label some of them, then run the pass."),
    _l("No item has a label yet, so only duplicates and outliers were looked for."),
    _l(
        "All %(count)s labels are one class, so no model can be trained. Label items of at least two classes, then run "
        "the pass again."
    ),
    _l(
        "Only %(count)s item has a label; a model needs at least %(enough)s. Label more items, then run the pass again."
    ),
    _l(
        "Only %(count)s items have a label; a model needs at least %(enough)s. Label more items, then run the pass "
        "again."
    ),
    _l("There is nothing to read in any item, so no model can be trained."),
    _l("All labeled items have the same content, so no model can be trained."),
    _l("%(count)s item is empty or cannot be read; see the outliers."),
    _l("%(count)s items are empty or cannot be read; see the outliers."),
    _l(
        "The model that would judge the labels is not clearly better than guessing, so it accuses nobody and suggests "
        "nothing: on items it never saw it gives the label for %(right)s of %(labeled)s, and always saying %(name)s "
        "would do so for %(guessed)s. Label more items, then run the pass again."
    ),
    _l(
        "Only %(name)s has %(enough)s labels on different items or more, so no model can be trained. Label more items "
        "of the other classes, then run the pass again."
    ),
    _l("No class has %(enough)s labels on different items, so no model can be trained. Label more items of each."),
    _l(
        "Label errors are not searched in answers with several labels yet; look-alikes and outliers were looked for in "
        "%(count)s items."
    ),
    _l("Label errors are not searched in boxes yet; look-alikes and outliers were looked for in %(count)s items."),
    _l("Label errors are not searched in polygons yet; look-alikes and outliers were looked for in %(count)s items."),
    _l("Label errors are not searched in spans yet; look-alikes and outliers were looked for in %(count)s items."),
    _l("Classes with fewer than %(enough)s labels cannot be judged and are never suggested: %(classes)s."),
    _l("The pass stopped before it was finished; run it again."),
    _l("The worker stopped before this run was finished."),
)

LEFT_OUT = (
    _l("other reasons"),
    _l("an object of several outlines became one object an outline"),
    _l("objects of the class %(name)s, which this project does not have"),
    _l("there is no picture for this label file, so it was not used"),
    _l("no label file belongs to this picture, and some label files belong to none: it has no label"),
    _l("the answer is %(answer)s, so what it shows is no label; the item has none"),
    _l("the same content and label stand in the file before; together they are one item"),
    _l("a field of %(shape)s that cannot be held: %(name)s"),
    _l("the category %(number)s is not among the categories"),
)

LOSSES = (
    _l("Somebody skipped the item; the skip, its reason and its comment are left out."),
    _l("Somebody skipped the item; the reason and the comment of the skip are left out."),
    _l("An answer is marked as unsure; the mark is left out."),
    _l("A cell that a spreadsheet would run as a formula has a quote put in front of it."),
    _l("A span that is not made of whole tokens is moved to their edges; of overlapping spans one is kept."),
    _l("A text becomes tokens; the blanks between them are not kept."),
    _l("An item without a label and one where nothing is to be seen are both background."),
    _l("Blanks in names of classes become underscores."),
    _l("Comments on answers are left out; Label Studio imports none."),
    _l("Confidence and agreement are left out; the consensus label is in the data of the task."),
    _l("Evidence of flags and reviews stays in the project."),
    _l("Flags are left out but for the suggested label, which becomes a prediction."),
    _l("Flags other than label errors, comments, times and metadata are left out."),
    _l("Images are named, not contained."),
    _l("Images are named, not contained: the names must lie where Label Studio serves files."),
    _l("Numbers have six decimals: a side is right to a millionth of the picture's."),
    _l("Only final labels go out: no votes, no consensus, no flags, no scores."),
    _l("Only final labels go out: no votes, no consensus, no flags, no scores, no ids, no metadata."),
    _l("Only final labels go out: no votes, no consensus, no flags, no scores, no metadata but the split."),
    _l("Overlapping spans stand in spans; entities, which spaCy trains on by itself, holds those that do not overlap."),
    _l("Pictures are named, not contained."),
    _l("Pictures are named, not contained: put them where pictures.csv says."),
    _l("Pictures are named, not contained: put them where the names say."),
    _l("Places of spans count Unicode code points; doccano's own screen counts an emoji as two."),
    _l("Seconds, comments and times of the single votes are left out; JSON Lines holds them."),
    _l("The binary .spacy (DocBin) is not made; spaCy makes it from these lines."),
    _l("The suggestions of the single flags are left out; suggested_label holds the one of the item."),
    _l("Whether a span fits spaCy's own tokens is not known here; the report counts those that do not fit words."),
    _l("Whether an item is excluded is not said; an item without a label has no spans."),
    _l("Whether an item is excluded is not said; an item without a label looks as if nothing were in its picture."),
    _l("Whether an item is excluded is not said; excluded items have no label."),
    _l("Who gave which vote is left out; only their number and agreement are here."),
)

LOST = (
    _l("The shares of several classes of an ambiguous item; it goes out without a label."),
    _l("A span begins or ends inside a word or at a blank; spaCy may leave it out when it trains."),
    _l("A span does not begin and end at the edge of a token; it was moved to it."),
    _l("A span holds nothing but blanks and was left out."),
    _l("A span overlaps another in its tokens and was left out; the first and longest stands."),
    _l(
        "Another picture has this name too, or it leads out of its folder; here it has the number of its item in its "
        "name."
    ),
    _l("Blanks in the name of a class became underscores."),
    _l("Spans of the item overlap: all are in spans, and entities holds those that do not."),
    _l("The item has no label; YOLO takes it for a picture with nothing in it."),
    _l("The item has no label; here it looks as if nothing were in it."),
    _l("The item has no label; here it looks as if nothing were in its picture."),
    _l("The item has no label; its line has no member for it."),
    _l("The size of the picture is not known, so an answer could not be written as percents."),
    _l("The size of the picture is not known, so its label could not be written."),
)

FILES = (
    _l("The first line of %(name)s has separators."),
    _l("The first line of %(name)s has tabs."),
    _l("The name %(name)s ends in %(ending)s."),
    _l("%(name)s begins as a ZIP archive does."),
    _l("%(name)s begins with [, as a JSON list does."),
    _l("%(name)s begins with an object, as JSON Lines does."),
    _l("%(name)s holds images, but the items of this project are texts."),
    _l("%(name)s holds no images."),
    _l("%(name)s is a spreadsheet; save it as CSV."),
    _l("%(name)s is not a ZIP archive, or it is cut off: %(why)s."),
    _l("%(name)s is empty."),
    _l("This upload is not kept any more: it was imported, or it is older than two days."),
)

ERRORS = (
    _l("Sign in first."),
    _l("Somebody else is signed in here now. Sign in again to go on."),
    _l("There is nothing at this address."),
    _l("Your role here does not include this. Ask a lead of the project."),
    _l("The database cannot be reached at the moment. Try again in a moment."),
    _l("Somebody else changed the same thing at this moment. Look at it and try again."),
    _l("This address takes %(most)s bytes at most. Send less at once."),
    _l("Many exports were asked for and not read yet. Try again in a minute."),
    _l(
        "Labeler does not answer to the name %(name)s. Use the address it was started on, or add the name to "
        "LABELER_TRUSTED_HOSTS."
    ),
    _l("E-mail and password do not match an account. Check both, or ask a lead for a new link."),
    _l("This is not your password now."),
    _l("This link was used before or has ended. Ask for a new one."),
    _l("This Labeler was set up already. Sign in instead."),
    _l("Write the name other people should see."),
    _l("Use a password of at least %(count)s characters."),
    _l("That password is too long."),
    _l("%(text)s is not an e-mail address."),
    _l("There is an account for %(email)s already."),
    _l("There is an account for %(email)s already; add it to the project instead."),
    _l("There is no such account."),
    _l("There is no such open invite."),
    _l("There is no such token."),
    _l("This is the last account that can manage people; make another one an admin first."),
    _l("This person is not a member of the project."),
    _l("A project needs a name."),
    _l("There is no project %(name)s."),
    _l("There is a project %(name)s already; choose another short name."),
    _l("%(name)s cannot be a short name: use up to 64 small letters, digits, - and _."),
    _l("Votes an item must be 1 to %(most)s, not %(votes)s."),
    _l("Give at least one class."),
    _l("Give at least two classes."),
    _l("Each class needs a name of 1 to %(most)s characters."),
    _l("The hint of a class has at most %(most)s characters."),
    _l("The name of a project has at most %(most)s characters."),
    _l("Guidelines have at most %(most)s characters; these have %(count)s."),
    _l("It has more than %(most)s further values, or more than %(deep)s within each other."),
    _l("This kind of project can have %(count)s classes at most."),
    _l("Named twice: %(names)s."),
    _l("%(name)s is empty or the name of another class."),
    _l("The class %(name)s is in use (%(use)s), so it cannot be taken away; merge it into another class."),
    _l("%(name)s is the name of another class; merge one into the other instead."),
    _l("%(name)s cannot be merged into %(into)s, which goes as well."),
    _l("Nobody's answers differ here, so there are no shares to keep; give them."),
    _l("Nobody's answers differ here, so there is nothing to keep as votes."),
    _l("There is no such class in this project."),
    _l("There is no item %(number)s in this project."),
    _l("There is no import %(number)s in this project."),
    _l("There is no job %(number)s."),
    _l("The guidelines of this project have no version %(number)s."),
    _l("Say of which class this is an example."),
    _l("A tricky case needs a note that says what to do."),
    _l("A note has at most %(count)s characters."),
    _l("The same item stands twice with one class."),
    _l("There are %(count)s “yes” examples already; take one away first."),
    _l("There are %(count)s “no” examples already; take one away first."),
    _l("There are %(count)s tricky cases already; take one away first."),
    _l("There is no label to keep: the votes tie or nobody labeled this item yet."),
    _l("This decision was replaced or undone already."),
    _l("This key was used for another decision; nothing was changed."),
    _l("The reason is too long."),
    _l("There is no such image."),
    _l("The image is not in the store."),
    _l("The image cannot be read any more."),
    _l("The image could not be written to disk (%(why)s). Free some space."),
)

KNOWN = NAMES + FLAGS + LEFT_OUT + PROGRESS + NOTES + LOSSES + LOST + FILES + ERRORS


@blueprint.app_template_filter("translated")
def translated(sentence: str | None) -> str:
    """Return a sentence of the rules in the language of the page, or as it is where it is not known."""
    locale = get_locale()
    if not sentence or locale is None or locale.language == "en":
        return sentence or ""
    if len(sentence) > _LONGEST:
        return sentence  # somebody's input is in it, and looking for it takes more than linear time
    whole, parted = _known()
    if sentence in whole:
        return _(sentence)
    for pattern, text in parted:
        if found := pattern.fullmatch(sentence):
            return _(text, **{name: _number(value) for name, value in found.groupdict().items()})
    return sentence


@blueprint.app_template_filter("flag_title")
def flag_title(kind: str) -> str:
    """Return what a flag of a kind is called."""
    return translated(detector(kind).title)


@blueprint.app_template_filter("skip_reason")
def skip_reason(reason: str) -> str:
    """Return why an item was skipped in the words of the button that was pressed; other programs give other reasons."""
    words = {"broken": _("Broken"), "not my field": _("Not my field"), "not clear": _("Not clear"), "other": _("Other")}
    return words.get(reason, reason)


@cache
def _known() -> tuple[frozenset[str], list[tuple[Pattern[str], str]]]:
    """Return the texts without a value, and those with values as patterns, the longest first: it says the most."""
    whole = frozenset(text for text in KNOWN if not _PLACE.search(text))
    parted = sorted((text for text in KNOWN if text not in whole), key=len, reverse=True)
    return whole, [(re.compile(_pattern(text), re.DOTALL), text) for text in parted]


def _pattern(text: str) -> str:
    pieces = _PLACE.split(text)  # text, name, text, name, …, text
    return "".join(f"(?P<{piece}>.+)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))


def _number(value: str) -> str:
    return format_decimal(int(value.replace(",", ""))) if _THOUSANDS.fullmatch(value) else value
