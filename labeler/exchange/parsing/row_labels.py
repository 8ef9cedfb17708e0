"""What a row says of its item beside the content: its label, and what a model predicted.

Note: a column called "prediction" is looked at in every import, but it can spoil only a table
of predictions.
"""

import json
from typing import Any

from labeler.errors import Invalid
from labeler.exchange.parsing.column_names import Columns
from labeler.exchange.parsing.extra_fields import known_parts, without_scores
from labeler.exchange.parsing.values import label_and_value, score_of, shape_of, value_of
from labeler.exchange.rows import SHOWN, RejectedRow, Row
from labeler.exchange.sources import ReadOptions
from labeler.messages import Message

_NO_PREDICTION = Message("there is no prediction")


def with_label(row: Row, given: Any, columns: Columns, options: ReadOptions) -> Row | RejectedRow:
    """Return the row with its label, or why that is none."""
    try:
        value, left_out = known_parts(value_of(given, shape_of(options.task), options.classes), row.text)
    except Invalid as error:
        return RejectedRow(row.number, columns.label or "", error.message, _shown(given))
    label, value = label_and_value(value)
    return row._replace(given_label=label, given_value=value, left_out=(*row.left_out, *left_out))


def with_prediction(row: Row, given: Any, score: Any, columns: Columns, options: ReadOptions) -> Row | RejectedRow:
    """Return the row with what a model says of it and how sure it is.

    What is no prediction here costs a table of predictions its row, and an item nothing: there it stays as metadata.
    """
    column, reason = columns.prediction or "", _NO_PREDICTION
    mean = None
    try:
        value, mean = without_scores(value_of(given, shape_of(options.task), options.classes))
        value, left_out = known_parts(value, row.text)
    except Invalid as error:
        value, reason = None, error.message
    if value is not None:
        left_out, said = (*row.left_out, *left_out), score_of(score)
        return row._replace(prediction=value, prediction_score=mean if said is None else said, left_out=left_out)
    if options.wants == "predictions":
        return RejectedRow(row.number, column, reason, _shown(given))
    kept = {column: given, columns.score or "": score}
    metadata = {name: what for name, what in kept.items() if name and what not in (None, "")}
    return row._replace(metadata={**row.metadata, **metadata})


def _shown(given: Any) -> str:
    return (given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, default=str))[:SHOWN]
