"""How annotators see an item named: nothing in a name may say what its label is."""


def seen_name(external_id: str | None, media: str) -> str | None:
    """Return an item's external id as an annotator sees it: of an image's path, which may name its class, the end."""
    return external_id.rpartition("/")[2] if external_id and media == "image" else external_id
