"""THE MAIN PATH, one function a step, each: read once → calculate → write once.

    import_items        a file's rows become items
    import_labels       a file's rows become given labels of items that are there
    import_votes        a file's rows become answers to items that are there
    import_predictions  a file's rows become what a model says of items that are there
    import_numbers      a file's rows become vectors or class probabilities of items that are there
    import_source       whichever of these a source is asked for
    import_address      the same for what lies in a bucket or on a website
    serve               hold the next items for a person
    serve_workspace     the same for a workspace: a fair share
    show                for who only looks: what would come next, and nothing is held
    serve_page          as `serve` for bulk labeling: the items of one cluster of look-alikes
    renew, release      go on holding them, give them back
    submit              store what a person answered; settle what follows from it
    undo                take one's own answer back
    take_page_back      take all one's own answers of a page back
    inspect             the quality pass: what is probably wrong
    resolve             store what a lead decided
    resolve_group       store one decision for a group of twins, and take_group_back undoes it
    start_audit         draw a random sample of the labels; serve mixes it into what people are handed out
    decide_difference   store what a lead decided, blind, where an answer of the audit differs from the label
    finish_audit, stop_audit
                        close it with a result, or without
    take_corrections    make the right labels it found decisions, and undo_corrections takes them back
    propose_labels      the model's labels of some classes, with the audit that checks them
    take_back_automatic take those that stand back
    say_in_thread       add a message to the thread on somebody's answer
    ask_others          ask others once more about what one person answered, and take_back_asking takes it back
    take_back           undo a lead's newest decision
    change_votes        want another number of answers an item; late answers take the slots that open
    change_vote_rule    the same, with more of them while an item is unsure, or on a share of the items only
    weigh_votes         learn how far each voter is believed, and ask on where items are unsure
    ask_one_more        ask for one more answer to chosen items, or give them to somebody; take_back_request undoes it
    make_test, make_decided, make_from_column
                        items whose right answer is known become test items; end_tests lets them be none
    turn_of             whether a person is handed anything: not paused, below their limit, past the first test round
    pause, resume, limit, let_in, try_again, free_holds
                        what a lead decides about one person's work
    change_serving      change any of a project's rules of serving by name
    change_order        serve what is open in another order
    bring_back_skipped  ask again about what was skipped
    beyond              how many answers are kept but not counted as more came than are wanted
    save_rule           a rule about two classes becomes guidelines, and what lies near their border is asked again
    take_rule_back      both are undone
    edit_classes        rename, add, take away and merge classes
    remove_member, change_account, sign_out
                        somebody leaves, and gives back what they hold

Every effect of a step stands there in reading order; there are no signals and no hidden receivers. A step that is one
transaction takes a session; long ones take the database and cut their writes into short transactions.
"""

from labeler.annotations.late import Beyond
from labeler.workflow.answers import Receipt, submit, undo
from labeler.workflow.asking_again import ask_others, take_back_asking
from labeler.workflow.audits import (
    corrections,
    decide_difference,
    finish_audit,
    population,
    serve_audit,
    slice_columns,
    start_audit,
    stop_audit,
    take_corrections,
    undo_corrections,
)
from labeler.workflow.automatic import propose_labels, take_back_automatic
from labeler.workflow.classes import ClassEdit, Touched, check_sure, edit_classes, touched_by, uses_of_classes
from labeler.workflow.decisions import resolve, take_back
from labeler.workflow.elsewhere import RemoteSource, import_address
from labeler.workflow.groups import GroupDecision, resolve_group, take_group_back
from labeler.workflow.imports import (
    ImportPlan,
    Progress,
    import_items,
    import_labels,
    import_predictions,
    import_votes,
    silent,
)
from labeler.workflow.inspection import inspect
from labeler.workflow.joins import joined, marked, pictures_there
from labeler.workflow.late import beyond
from labeler.workflow.leaving import change_account, remove_member, sign_out
from labeler.workflow.order import change_order
from labeler.workflow.pages import BulkItem, BulkPage, TakenBack, check_offers_pages, serve_page, take_page_back
from labeler.workflow.serving import Held, release, renew, serve, serve_workspace, show
from labeler.workflow.serving_rules import change_serving, serving_of
from labeler.workflow.settling import settle
from labeler.workflow.skips import bring_back_skipped
from labeler.workflow.sources import Asked, import_source
from labeler.workflow.test_items import (
    MadeTests,
    end_tests,
    make_decided,
    make_from_column,
    make_test,
)
from labeler.workflow.threads import say as say_in_thread
from labeler.workflow.turns import Turn, first_round_of, turn_of
from labeler.workflow.vectors import import_numbers
from labeler.workflow.vote_requests import Requested, ask_one_more, newest_request, take_back_request
from labeler.workflow.votes_wanted import change_vote_rule, change_votes, projects_to_weigh, weigh_votes
from labeler.workflow.work_rules import free_holds, let_in, limit, pause, resume, try_again
from labeler.workflow.workshops import PairRule, read_border, save_rule, take_rule_back

__all__ = [
    "Asked",
    "Beyond",
    "BulkItem",
    "BulkPage",
    "ClassEdit",
    "GroupDecision",
    "Held",
    "ImportPlan",
    "MadeTests",
    "PairRule",
    "Progress",
    "Receipt",
    "RemoteSource",
    "Requested",
    "TakenBack",
    "Touched",
    "Turn",
    "ask_one_more",
    "ask_others",
    "beyond",
    "bring_back_skipped",
    "change_account",
    "change_order",
    "change_serving",
    "change_vote_rule",
    "change_votes",
    "check_offers_pages",
    "check_sure",
    "corrections",
    "decide_difference",
    "edit_classes",
    "end_tests",
    "finish_audit",
    "first_round_of",
    "free_holds",
    "import_address",
    "import_items",
    "import_labels",
    "import_numbers",
    "import_predictions",
    "import_source",
    "import_votes",
    "inspect",
    "joined",
    "let_in",
    "limit",
    "make_decided",
    "make_from_column",
    "make_test",
    "marked",
    "newest_request",
    "pause",
    "pictures_there",
    "population",
    "projects_to_weigh",
    "propose_labels",
    "read_border",
    "release",
    "remove_member",
    "renew",
    "resolve",
    "resolve_group",
    "resume",
    "save_rule",
    "say_in_thread",
    "serve",
    "serve_audit",
    "serve_page",
    "serve_workspace",
    "serving_of",
    "settle",
    "show",
    "sign_out",
    "silent",
    "slice_columns",
    "start_audit",
    "stop_audit",
    "submit",
    "take_back",
    "take_back_asking",
    "take_back_automatic",
    "take_back_request",
    "take_corrections",
    "take_group_back",
    "take_page_back",
    "take_rule_back",
    "touched_by",
    "try_again",
    "turn_of",
    "undo",
    "undo_corrections",
    "uses_of_classes",
    "weigh_votes",
]
