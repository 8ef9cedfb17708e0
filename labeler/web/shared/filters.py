"""What templates print in words of their own language: messages of the rules, what is said of a kind of flag, skips."""

from labeler.extensions.translating import translated
from labeler.quality.detectors.registry import detector
from labeler.web.blueprint import blueprint
from labeler.web.shared.words import gettext as _

blueprint.add_app_template_filter(translated)
blueprint.add_app_template_filter(detector)


@blueprint.app_template_filter("skip_reason")
def skip_reason(reason: str) -> str:
    """Return why an item was skipped in the words of the button that was pressed; other programs give other reasons."""
    words = {"broken": _("Broken"), "not my field": _("Not my field"), "not clear": _("Not clear"), "other": _("Other")}
    return words.get(reason, reason)
