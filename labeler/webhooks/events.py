"""The events there are: a plain table. Steps of the main path tell them, in the transaction in which they happen."""

from dataclasses import dataclass

from labeler.messages import Message


@dataclass(frozen=True)
class Event:
    """One kind of event. title: in lists; data: what its `data` holds, for whoever writes the receiving program."""

    name: str
    title: Message
    data: Message


TEST = "test"  # sent by a button, to one webhook, whatever it is subscribed to
ANSWERS_REACHED, IMPORT_ENDED, EXPORT_DONE, CHECK_ENDED = (
    "answers.reached",
    "import.ended",
    "export.done",
    "check.ended",
)
RELEASE_MADE, ITEM_RETURNED, REVIEW_DECIDED = "release.made", "item.returned", "review.decided"
THREAD_REPLIED = "thread.replied"

EVENTS = {
    one.name: one
    for one in (
        Event(
            ANSWERS_REACHED,
            Message("A number of new answers was reached"),
            Message("answers: counted answers of the project by now; every: after how many this is told"),
        ),
        Event(
            CHECK_ENDED,
            Message("A label check ended"),
            Message("inspection: its id; state: done or failed; flags: how many, null where it failed"),
        ),
        Event(
            IMPORT_ENDED,
            Message("An import ended"),
            Message(
                "import: its id, null where it failed; state: done or failed; added, changed, unchanged, rejected, "
                "not_counted; left_out by what it is; error"
            ),
        ),
        Event(EXPORT_DONE, Message("An export was made"), Message("format; items: labeled or all")),
        Event(RELEASE_MADE, Message("A release was made"), Message("release: its number; name; sha256")),
        Event(ITEM_RETURNED, Message("An item was sent back"), Message("item, external_id, reason")),
        Event(
            REVIEW_DECIDED,
            Message("A lead decided about an item"),
            Message("review: its id; item, external_id, decision, kind of the flag"),
        ),
        Event(
            THREAD_REPLIED,
            Message("Somebody wrote in a thread"),
            Message(
                "message: its id; item, external_id; annotator: whose answer it is about; by: lead or annotator; text; "
                "outcome: closed or guideline where it settles the thread, else empty"
            ),
        ),
    )
}
