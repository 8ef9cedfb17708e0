"""The card that says how far annotators agree, in the words of the measure that leads for the task type."""

from labeler.extensions.translating import translated
from labeler.measures.told import Measured
from labeler.projects.models import Project
from labeler.web.dashboard import view_model as view

TARGET_ALPHA = 0.8


def read_agreement(project: Project, found: Measured, names: tuple[str, ...]) -> view.Agreement:
    """Return what the dashboard says about agreement. names: of the classes."""
    told = found.told(names)
    span = told.interval
    estimate = None if told.value is None or span is None else view.Estimate(told.value, span.low, span.high)
    return view.Agreement(
        measure=translated(told.measure),
        estimate=estimate,
        reason=translated(told.reason),
        percent=told.percent,
        chance=told.chance,
        target=float(project.settings.get("target_alpha", TARGET_ALPHA)) if told.judged else None,
        paradox=translated(told.paradox) if told.paradox else "",
        others=tuple((translated(words), value) for words, value in told.others),
    )
