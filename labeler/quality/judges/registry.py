"""The judges of labels that are no single class; a task type names its own by `judged_by`.

Adding one is one folder and one line here.
"""

from labeler.quality.judges.base import Judge
from labeler.quality.judges.regions import judge as regions
from labeler.quality.judges.sets import judge as sets
from labeler.quality.judges.strings import judge as strings
from labeler.quality.judges.tokens import judge as tokens

JUDGES: dict[str, Judge] = {
    "sets": sets.judge,
    "tokens": tokens.judge,
    "regions": regions.judge,
    "strings": strings.judge,
}
