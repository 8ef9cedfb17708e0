"""A label of one class as shares of the classes, for training that takes how far people differ into account."""

from collections import Counter

from labeler.exchange.rows import ExportRow


def soft_label(row: ExportRow) -> dict[str, float] | None:
    """Return the shares of the classes that an item's label stands for, the largest first; None for no label.

    Of an ambiguous item they are those a lead gave, or of the votes that tie. What a lead decided, what was given and
    what the model gave is one class alone; else the shares are those of the counted answers.
    """
    if row.soft_label:
        return row.soft_label
    if row.final_label is None:
        return None
    counts = Counter(vote.label for vote in row.votes if vote.label)
    if row.final_source != "consensus" or not counts:
        return {row.final_label: 1.0}
    whole = counts.total()
    return {name: round(count / whole, 6) for name, count in counts.most_common()}


def in_class_order(shares: dict[str, float] | None, classes: tuple[str, ...]) -> list[float] | None:
    """Return the share of each class, 0 for those without one; None for no label."""
    return None if shares is None else [shares.get(name, 0.0) for name in classes]
