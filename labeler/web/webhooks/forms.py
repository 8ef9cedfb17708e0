"""The form of a webhook: its address, what it is told, and whether it is on."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, URLField
from wtforms.validators import InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from labeler.extensions.translating import translated
from labeler.web.shared.forms import PageForm, choices_of
from labeler.web.shared.numbers import WholeNumberField
from labeler.webhooks.actions import MOST_ANSWERS, USUAL_ANSWERS
from labeler.webhooks.addresses import LONGEST_URL
from labeler.webhooks.events import EVENTS


class SelectMultipleCheckboxField(SelectMultipleField):  # type: ignore[misc]  # WTForms ships no types
    """Several choices, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WebhookForm(PageForm):
    """A webhook. The words of the events are set when the language of the reader is known."""

    url = URLField(
        _l("Address"),
        [InputRequired(_l("Write an address.")), Length(max=LONGEST_URL)],
        description=_l("It begins with https:// and leads to a server on the open Internet."),
    )
    events = SelectMultipleCheckboxField(_l("When it is called"))  # the rule wants one; "required" would mean each box
    answers_every = WholeNumberField(
        _l("New answers between two calls"),
        [InputRequired(_l("Write a whole number.")), NumberRange(1, MOST_ANSWERS)],
        default=USUAL_ANSWERS,
        description=_l("Only where it is called after so many new answers."),
    )


class ChangeForm(WebhookForm):
    """A webhook that is there."""

    active = BooleanField(_l("On: it is called"), default=True)


def with_events(form: WebhookForm) -> Any:
    """Return the form with the events in the language of the reader."""
    form.events.choices = choices_of(*((name, translated(one.title)) for name, one in EVENTS.items()))
    return form
