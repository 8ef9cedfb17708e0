"""The forms of the pages: which fields there are, how they are checked at the edge, and in which words.

Note: these checks are for comfort. The rules raise their own errors, naming a field, and
`refuse` hangs them on the same field. The CSRF token is checked in one place for all requests (extensions.access), so
forms carry none of their own.
"""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange, Optional

from labeler.accounts.credentials import MIN_PASSWORD
from labeler.errors import LabelerError
from labeler.extensions.translating import translated
from labeler.projects.actions import LONGEST_GUIDELINES, MAX_VOTES
from labeler.quality.schedule import HOURS, MOST_ANSWERS
from labeler.review.accepting import ACCEPT_FROM, SUGGEST_FROM
from labeler.task_types.base import Setting, TaskType
from labeler.task_types.registry import TASK_TYPES
from labeler.web.shared.numbers import NumberField, WholeNumberField


def choices_of(*pairs: tuple[str, Any]) -> list[SelectChoice]:
    """Return the choices of a field from (value, words)."""
    return [SelectChoice(value, words) for value, words in pairs]


_ROLES = choices_of(
    ("annotator", _l("Annotator: answers items in the projects they are in")),
    ("lead", _l("Lead: also makes projects")),
    ("admin", _l("Admin: sees every project and manages people")),
)
_PROJECT_ROLES = choices_of(
    ("annotator", _l("Annotator: answers items")),
    ("lead", _l("Lead: sees all answers, decides, imports, exports")),
)
ORDERS = choices_of(
    ("in_order", _l("As they were imported")),
    ("shuffled", _l("Shuffled, the same way for everybody")),
    ("fewest_first", _l("Fewest answers first")),
    ("most_uncertain", _l("Most uncertain first")),
    ("most_doubtful", _l("Likeliest to be wrong first, by the last check")),
    ("by_column", _l("By a column of the items")),
)
_LONGEST_SCALE = 21
_Form = TypeVar("_Form", bound=FlaskForm)


class OneOf:
    """Marks a field that is needed unless another one is filled, so that it is not called optional."""

    field_flags: ClassVar[dict[str, bool]] = {"either": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Leave the decision to the rule that knows both."""


class PageForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form of a page."""

    class Meta:
        """The central check of the CSRF token is enough."""

        csrf = False

    def refuse(self, error: LabelerError) -> None:
        """Show what a rule said beside the field it named, or at the top of the form."""
        field = self._fields.get(error.field)
        if field is None:
            self.form_errors.append(translated(error.message))
        else:
            field.errors = [*field.errors, translated(error.message)]


def _email() -> Any:
    checks = [InputRequired(_l("Write an e-mail address.")), Length(max=254)]
    return EmailField(_l("E-mail"), checks)


def _name() -> Any:
    return StringField(_l("Name"), [InputRequired(_l("Write a name.")), Length(max=120)])


def _new_password(words: str) -> Any:
    hint = _l("At least %(count)s characters; a few words in a row are easy to remember.", count=MIN_PASSWORD)
    return PasswordField(words, [InputRequired(_l("Choose a password."))], description=hint)


class SignInForm(PageForm):
    """E-mail and password."""

    email = EmailField(_l("E-mail"), [InputRequired(_l("Write your e-mail address."))])
    password = PasswordField(_l("Password"), [InputRequired(_l("Write your password."))])


class SetUpForm(PageForm):
    """The first account."""

    name = _name()
    email = _email()
    password = _new_password(_l("Password"))


class JoinForm(PageForm):
    """What an invited person adds to the address they were invited by."""

    name = _name()
    password = _new_password(_l("Password"))


class NameForm(PageForm):
    """The name other people see."""

    name = _name()


class PasswordForm(PageForm):
    """Another password."""

    current = PasswordField(_l("Password now"), [InputRequired(_l("Write the password you have now."))])
    password = _new_password(_l("New password"))
    again = PasswordField(
        _l("New password once more"),
        [InputRequired(_l("Write the new password twice.")), EqualTo("password", _l("The two are not the same."))],
    )


class TokenForm(PageForm):
    """A new API token."""

    name = StringField(
        _l("Name of the token"),
        [InputRequired(_l("Say what it is for.")), Length(max=120)],
        description=_l("What it is for, such as “training script”."),
    )


class InviteForm(PageForm):
    """A further account."""

    email = _email()
    role = SelectField(_l("Role"), choices=_ROLES)


class MemberForm(PageForm):
    """A person in a project."""

    email = _email()
    role = SelectField(_l("Role in this project"), choices=_PROJECT_ROLES)


class _AboutItems(PageForm):
    """What both a new project and its settings ask."""

    name = StringField(_l("Name"), [InputRequired(_l("Give the project a name.")), Length(max=120)])
    question = StringField(
        _l("Question"),
        [Length(max=300)],
        description=_l("Shown above the answers, such as “What is in the picture?”"),
    )
    votes = WholeNumberField(
        _l("Answers per item"),
        [InputRequired(_l("Write a whole number.")), NumberRange(1, MAX_VOTES)],
        default=2,
        description=_l("By different people. Agreement can be measured from two on."),
    )


class NewProjectForm(_AboutItems):
    """A new project: with classes, or with a scale where they are steps of one. Made by `new_project_form`."""

    order = SelectField(
        _l("Order in which items are served"), choices=[one for one in ORDERS if one.value != "by_column"]
    )

    slug = StringField(
        _l("Short name"),
        [Length(max=64)],
        description=_l("Stands in addresses and commands: small letters, digits, - and _. Empty: made from the name."),
    )
    media = RadioField(
        _l("Items are"), choices=choices_of(("text", _l("Texts")), ("image", _l("Images"))), default="text"
    )
    task = RadioField(_l("Task type"))
    classes = TextAreaField(
        _l("Classes"),
        [OneOf()],
        description=_l("One a line. A hint may follow after a colon: “glass: bottles and jars”."),
    )
    first = WholeNumberField(_l("Scale from"), [OneOf(), Optional(), NumberRange(-100, 100)], default=1)
    last = WholeNumberField(_l("Scale to"), [OneOf(), Optional(), NumberRange(-100, 100)], default=5)
    guidelines = TextAreaField(
        _l("Guidelines"),
        [Length(max=LONGEST_GUIDELINES)],
        description=_l("Markdown. What to do in the clear cases, and in the tricky ones."),
    )

    @property
    def kind(self) -> TaskType:
        """The task type that was chosen, which the check of the field has found there is."""
        return TASK_TYPES[self.task.data]

    def class_list(self) -> list[tuple[str, str]]:
        """Return (name, description) of each class in order; none for a kind that has none."""
        if self.kind.ordered:
            first, last = self.first.data or 0, self.last.data or 0
            return [(str(step), "") for step in range(first, min(last, first + _LONGEST_SCALE - 1) + 1)]
        return class_lines(self.classes.data or "") if self.kind.max_classes else []


class SettingsForm(_AboutItems):
    """What can be changed in a project that runs."""

    target_alpha = NumberField(
        _l("Agreement to reach (Krippendorff's alpha)"),
        [InputRequired(_l("Write a number.")), NumberRange(0, 1)],
        places=2,
        default=0.8,
        description=_l("0.80 is the usual bar for reliable labels; from 0.67 on they carry tentative conclusions."),
    )
    error_limit = NumberField(
        _l("Maximum error rate, in percent"),
        [InputRequired(_l("Write a number.")), NumberRange(0, 100)],
        places=1,
        default=5,
    )
    suggest_from = NumberField(
        _l("Make a suggestion the main action from, in percent"),
        [Optional(), NumberRange(50, 99)],
        places=0,
        default=100 * SUGGEST_FROM,
        description=_l("In the review: how likely it has to be right. Below, all classes are equal."),
    )
    accept_from = NumberField(
        _l("Accept many suggestions at once from, in percent"),
        [Optional(), NumberRange(50, 100)],
        places=0,
        default=100 * ACCEPT_FROM,
        description=_l("The share of them that turned out right when checked one by one, in each class concerned."),
    )

    check_every = WholeNumberField(
        _l("Check labels again after so many new answers"),
        [Optional(), NumberRange(0, MOST_ANSWERS)],
        default=0,
        description=_l("0: only when somebody asks for it. One check runs at a time."),
    )
    check_hour = SelectField(
        _l("Check labels every day"),
        choices=choices_of(("", _l("No")), *((str(hour), f"{hour:02d}:00 UTC") for hour in HOURS)),
        default="",
        description=_l("Only when answers, decisions or items came since the last check."),
    )


def new_project_form() -> NewProjectForm:
    """Return the form of a new project, with all task types there are and what each of them asks of its own."""
    form = _asking(NewProjectForm, TASK_TYPES.values())()
    form.task.choices = choices_of(*((name, translated(kind.words.choice)) for name, kind in TASK_TYPES.items()))
    form.task.default = next(iter(TASK_TYPES))
    form.task.data = form.task.data or form.task.default
    return form


def settings_form(kind: TaskType, **data: Any) -> SettingsForm:
    """Return the form of a project's settings, with what its task type asks of its own."""
    return _asking(SettingsForm, [kind])(**data)


def own_values(form: FlaskForm, kind: TaskType) -> dict[str, Any]:
    """Return what a form says about the settings that only one task type has, as they are kept."""
    empty = {"text": "", "number": 0, "switch": False}
    said = {own.name: form[own.name].data or empty[own.takes] for own in kind.settings}
    return {name: value.strip() if isinstance(value, str) else value for name, value in said.items()}


def _asking(form: type[_Form], kinds: Iterable[TaskType]) -> type[_Form]:
    """Return a form with a field for each setting that these task types have of their own."""
    fields = {own.name: _own_field(own) for kind in kinds for own in kind.settings}
    return type(form.__name__, (form,), fields)


def _own_field(own: Setting) -> Any:
    words = {"label": translated(own.title), "description": translated(own.hint), "default": own.default}
    if own.takes == "switch":
        return BooleanField(**words)
    if own.takes == "number":
        return WholeNumberField(validators=[Optional(), NumberRange(0, own.most)], **words)
    return StringField(validators=[Length(max=own.most)], **words)


class SuggestionsForm(PageForm):
    """Whether annotators see what a model suggests. The sources are set when it is known what there is.

    shown: the rules as the form shows them (`web.changed`).
    """

    shown = ""
    on = BooleanField(_l("Annotators see suggestions"))
    source = SelectField(_l("Suggestions come from"))
    hidden = WholeNumberField(
        _l("Share that stays hidden, in percent"),
        [InputRequired(_l("Write a whole number.")), NumberRange(5, 50)],
        default=20,
        description=_l("Random, different for each person. What suggestions do can be told from the difference alone."),
    )


class ClassesForm(PageForm):
    """Classes to be added; the names of those that are there come as plain fields, two for each class."""

    add = TextAreaField(
        _l("Add classes"), description=_l("One a line. A hint may follow after a colon: “glass: bottles and jars”.")
    )


class DeleteForm(PageForm):
    """The question before a project is deleted."""

    slug = StringField(_l("Short name of the project"), [InputRequired(_l("Write the short name to go on."))])


class GuidelinesForm(PageForm):
    """The next version of the guidelines."""

    text = TextAreaField(
        _l("Guidelines"),
        [Length(max=LONGEST_GUIDELINES)],
        description=_l("Markdown: # heading, - list, **bold**, | table |."),
    )


def class_lines(text: str) -> list[tuple[str, str]]:
    """Return (name, description) of each line that is not empty; a colon followed by a space parts the two."""
    parted = (line.strip().partition(": ") for line in text.splitlines() if line.strip())
    return [(name.strip().removesuffix(":"), description.strip()) for name, _, description in parted]
