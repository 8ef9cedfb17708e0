"""What is said of a release, in the card that lies in it (English) and on the pages (in the language of the reader)."""

from labeler.messages import Message

CAUSES: dict[str, str] = {
    "review": Message("A lead's review"),
    "tie_decided": Message("A tie was decided"),
    "audit": Message("An audit found it wrong"),
    "answers": Message("Further answers"),
    "asked_again": Message("Asked again"),
    "computed_again": Message("The same answers, weighed again"),
    "decision_undone": Message("A decision was undone"),
    "answers_undone": Message("Answers were taken back"),
    "imported": Message("Came with an import"),
    "automatic": Message("The model's label stands"),
    "automatic_ended": Message("The model's label was taken back"),
    "class_renamed": Message("The class has another name"),
    "classes_merged": Message("Classes were merged"),
    "ambiguous": Message("Called ambiguous by a lead"),
    "excluded": Message("Excluded by a lead"),
    "sent_back": Message("Sent back for another answer"),
    "tied": Message("The answers tie"),
    "filtered": Message("By the filters of the release"),
    "settings": Message("By the settings of the release"),
    "deleted": Message("The item was deleted"),
}
SOURCES: dict[str, str] = {
    "consensus": Message("answers of annotators"),
    "review": Message("decided by a lead"),
    "given": Message("existing labels nobody has seen"),
    "automatic": Message("labels of the model"),
    "ambiguous": Message("ambiguous, with a soft label"),
    "": Message("without a label"),
}
