"""The card that says how far annotators agree, in the words of the measure that leads for the task type."""

from labeler.extensions.translating import translated
from labeler.measures.headline import Measured
from labeler.projects.models import Project
from labeler.projects.queries import task_of
from labeler.web.dashboard import view_model as view

TARGET_ALPHA = 0.8


def read_agreement(project: Project, found: Measured, names: tuple[str, ...]) -> view.Agreement:
    """Return what the dashboard says about agreement. names: of the classes."""
    headline = found.headline(names)
    span = headline.interval
    estimate = None if headline.value is None or span is None else view.Estimate(headline.value, span.low, span.high)
    return view.Agreement(
        measure=translated(headline.measure),
        estimate=estimate,
        reason=translated(headline.reason),
        percent=headline.percent,
        chance=headline.chance,
        target=float(project.settings.get("target_alpha", TARGET_ALPHA)) if task_of(project).has_target else None,
        paradox=translated(headline.paradox) if headline.paradox else "",
        others=tuple((translated(words), value) for words, value in headline.others),
    )
