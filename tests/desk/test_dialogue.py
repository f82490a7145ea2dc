"""What the bot decides about a customer's messages, one after another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.desk.conversation import Conversation
from bot.desk.decisions import (
    AnswerQuestion,
    AskField,
    Clarify,
    ConfirmDowngrade,
    CorrectRequest,
    OfferInsteadOfTechnical,
    OpenRequest,
    Say,
    ShowHelp,
    ShowPlan,
    ShowRequests,
    StaySilent,
    UpdateRequest,
)
from bot.desk.dialogue import respond
from bot.desk.drafts import answer_field, cancel, choose, confirm
from bot.desk.heard import Heard, Turn
from bot.desk.meaning import Candidate
from bot.desk.requests import Request
from tests.desk.small_desk import around, hear

STORY = "every query on it has been slow since nine this morning"
DESK = around()


def talk(*messages: Heard, plan: str = "enterprise") -> Turn:
    """The turn after the last message of a conversation."""
    turn = Turn(Conversation(), ())
    for message in messages:
        turn = respond(turn.conversation, message, around(plan))
    return turn


def asks_for(turn: Turn) -> str:
    """The field that the last decision asks for."""
    question = turn.decisions[-1]
    assert isinstance(question, AskField)
    return question.field


def opened(turn: Turn) -> OpenRequest:
    (found,) = (decision for decision in turn.decisions if isinstance(decision, OpenRequest))
    return found


QUIET_OUTAGE = hear(
    "prod-1 is down!!",
    "get_cluster_support",
    score=0.4,
    slots={"cluster": "prod-1"},
    reply=False,
)
HELP = hear("help with our cluster", "get_cluster_support")


# --- gathering what a request needs -------------------------------------------------------------


def test_missing_fields_are_asked_for_one_at_a_time_and_then_the_request_opens() -> None:
    first = talk(HELP)
    assert [asks_for(first), len(first.decisions)] == ["cluster", 1]
    second = talk(HELP, hear("prod-1"))
    assert [asks_for(second), len(second.decisions)] == ["severity", 1]
    third = talk(HELP, hear("prod-1"), hear("S2"))
    assert asks_for(third) == "description"
    last = talk(HELP, hear("prod-1"), hear("S2"), hear(STORY))
    assert opened(last).fields == {"cluster": "prod-1", "severity": "S2", "description": STORY}
    assert opened(last).queue == "support"
    assert opened(last).summary == STORY
    assert last.conversation.draft is None


def test_what_the_first_message_says_is_not_asked_again() -> None:
    everything = hear(
        f"{STORY}, cluster prod-1, S1", "get_cluster_support", slots={"cluster": "prod-1"}
    )
    assert opened(talk(everything)).fields["severity"] == "S1"
    without_severity = hear(STORY, "get_cluster_support", slots={"cluster": "prod-1"})
    assert asks_for(talk(without_severity)) == "severity"


def test_a_suggested_severity_is_taken_with_yes() -> None:
    suggested = hear(STORY, "get_cluster_support", slots={"cluster": "prod-1", "severity": "S1"})
    question = talk(suggested).decisions[-1]
    assert isinstance(question, AskField)
    assert question.suggested == "S1"
    assert opened(talk(suggested, hear("yes", act="yes"))).fields["severity"] == "S1"


def test_yes_to_another_question_is_not_taken_for_the_suggested_severity() -> None:
    suggested = hear(STORY, "get_cluster_support", slots={"severity": "S1"})
    assert asks_for(talk(suggested)) == "cluster"
    after_yes = talk(suggested, hear("yes", act="yes"))
    assert asks_for(after_yes) == "cluster"


def test_help_in_the_middle_shows_the_menu_and_asks_again() -> None:
    turn = talk(HELP, hear("help", act="help"))
    assert turn.decisions[0] == ShowHelp()
    assert asks_for(turn) == "cluster"


def test_a_reply_that_answers_nothing_is_asked_about_again() -> None:
    turn = talk(HELP, hear("prod-1"), hear("no idea, sorry"))
    question = turn.decisions[-1]
    assert isinstance(question, AskField)
    assert (question.field, question.again) == ("severity", True)


def test_a_button_answers_the_open_question() -> None:
    waiting = talk(HELP).conversation
    turn = answer_field(waiting, "cluster", "prod-2", DESK)
    assert turn.conversation.draft is not None
    assert turn.conversation.draft.fields == {"cluster": "prod-2"}
    assert asks_for(turn) == "severity"


def test_a_button_of_a_question_that_was_answered_changes_nothing() -> None:
    moved_on = talk(HELP, hear("prod-1")).conversation
    turn = answer_field(moved_on, "cluster", "prod-2", DESK)
    assert turn.decisions == (Say("question.no_longer_open"),)
    assert turn.conversation == moved_on


def test_a_correction_replaces_what_was_said_before() -> None:
    turn = talk(
        HELP,
        hear("prod-1"),
        hear("no, I meant prod-2", "update_request", slots={"cluster": "prod-2"}, act="correct"),
    )
    assert asks_for(turn) == "severity"
    done = respond(respond(turn.conversation, hear("S3"), DESK).conversation, hear(STORY), DESK)
    assert opened(done).fields["cluster"] == "prod-2"


@pytest.mark.parametrize(("assumed", "kind"), [(frozenset({"kind"}), "demo"), (frozenset(), "poc")])
def test_only_what_was_said_corrects_what_was_said_before(
    assumed: frozenset[str], kind: str
) -> None:
    turn = talk(
        hear("a demo please", "request_poc", slots={"kind": "demo"}),
        hear("for our sharded ledger", "request_poc", slots={"kind": "poc"}, assumed=assumed),
    )
    draft = turn.conversation.draft
    known = draft.fields if draft else opened(turn).fields
    assert known["kind"] == kind


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_cancel_leaves_at_any_step_and_says_so(steps: int) -> None:
    said = [HELP, hear("prod-1"), hear("S2")][:steps]
    turn = talk(*said, hear("never mind", act="cancel"))
    assert turn.decisions == (Say("draft.cancelled", {"intent": "get_cluster_support"}),)
    assert not turn.conversation.expecting


def test_there_may_be_nothing_to_cancel() -> None:
    assert cancel(Conversation(), DESK).decisions == (Say("draft.nothing_to_cancel"),)


def test_thanks_or_words_to_somebody_else_do_not_answer_the_question() -> None:
    for aside in (hear("thanks!", act="thanks"), hear("<@U02> can you look it up?")):
        turn = talk(HELP, aside)
        assert [type(decision) for decision in turn.decisions] == [StaySilent]
        assert turn.conversation.draft is not None


# --- changing the subject -----------------------------------------------------------------------


def test_another_subject_is_dealt_with_and_the_question_comes_back() -> None:
    turn = talk(HELP, hear("prod-1"), hear("which plan do we have?", "check_plan"))
    assert turn.decisions[0] == ShowPlan()
    question = turn.decisions[1]
    assert isinstance(question, AskField)
    assert (question.field, question.resumed) == ("severity", True)
    done = respond(respond(turn.conversation, hear("S2"), DESK).conversation, hear(STORY), DESK)
    assert opened(done).fields["cluster"] == "prod-1"


def test_a_second_request_parks_the_first_which_resumes_after_it() -> None:
    poc = hear("we need a PoC", "request_poc", slots={"kind": "poc"})
    turn = talk(HELP, hear("prod-1"), poc)
    assert asks_for(turn) == "use_case"
    turn = respond(turn.conversation, hear("a ledger for our new payment product"), DESK)
    assert opened(turn).intent == "request_poc"
    assert opened(turn).queue == "sales"
    assert asks_for(turn) == "severity"
    assert turn.conversation.draft is not None
    assert turn.conversation.draft.fields == {"cluster": "prod-1"}


def test_cancelling_the_second_request_brings_the_first_one_back() -> None:
    poc = hear("we need a PoC", "request_poc", slots={"kind": "poc"})
    turn = talk(HELP, hear("prod-1"), poc, hear("cancel", act="cancel"))
    assert turn.decisions[0] == Say("draft.cancelled", {"intent": "request_poc"})
    assert asks_for(turn) == "severity"


def test_a_description_may_sound_like_anything() -> None:
    sounds_like_a_question = hear("how do I restore? the backup is broken", "ask_docs")
    turn = talk(HELP, hear("prod-1"), hear("S2"), sounds_like_a_question)
    assert opened(turn).fields["description"] == "how do I restore? the backup is broken"


def test_a_word_to_the_desk_interrupts_even_a_description() -> None:
    turn = talk(HELP, hear("prod-1"), hear("S2"), hear("my tickets?", "check_request"))
    assert turn.decisions[0] == ShowRequests("")
    assert asks_for(turn) == "description"


def test_an_unsure_change_of_subject_is_taken_as_the_answer() -> None:
    turn = talk(HELP, hear("billing-db", "get_org_support", score=0.5))
    assert turn.conversation.draft is not None
    assert turn.conversation.draft.fields == {"cluster": "billing-db"}


def test_a_reading_torn_between_the_draft_and_something_else_is_the_answer() -> None:
    apply = hear("I want to apply for a beta feature", "apply_beta")
    torn = hear(
        "Recovery groups",
        "get_cluster_support",
        score=0.75,
        unsure=("get_cluster_support", "apply_beta"),
    )
    turn = talk(apply, torn)
    assert opened(turn).fields["feature"] == "Recovery groups"


def test_an_unsure_reading_does_not_unsay_a_choice() -> None:
    demo = hear("can we get a demo?", "request_poc", slots={"kind": "demo"})
    unsure = hear(
        "Fraud scoring on live payments",
        "request_poc",
        score=0.4,
        slots={"kind": "poc"},
        unsure=("request_poc", "get_org_support"),
    )
    turn = talk(demo, unsure)
    assert opened(turn).fields["kind"] == "demo"


# --- several things in one message --------------------------------------------------------------


def test_several_things_in_one_message_are_all_dealt_with() -> None:
    turn = talk(
        hear(
            "which plan do we have, and how is SUP-1002?",
            "check_plan",
            also=(Candidate("check_request", 0.9, {"ticket": "SUP-1002"}),),
        )
    )
    assert turn.decisions == (ShowPlan(), ShowRequests("SUP-1002"))


def test_two_requests_in_one_message_are_gathered_one_after_the_other() -> None:
    both = hear(
        "prod-1, and a demo",
        "get_cluster_support",
        slots={"cluster": "prod-1"},
        also=(Candidate("request_poc", 0.9, {"kind": "demo"}),),
    )
    turn = talk(both)
    assert asks_for(turn) == "severity"
    turn = respond(respond(turn.conversation, hear("S2"), DESK).conversation, hear(STORY), DESK)
    assert opened(turn).intent == "get_cluster_support"
    assert asks_for(turn) == "use_case"


def test_each_thing_asked_for_in_a_message_has_its_own_origin() -> None:
    words = "apply for the beta and tell sales about a proof of concept for our ledger"
    both = hear(
        words,
        "apply_beta",
        slots={"feature": "changefeeds"},
        also=(Candidate("request_poc", 0.9, {"kind": "poc"}),),
    )
    requests = [d for d in talk(both).decisions if isinstance(d, OpenRequest)]
    assert [request.intent for request in requests] == ["apply_beta", "request_poc"]
    assert len({request.origin for request in requests}) == 2
    again = [d for d in talk(both).decisions if isinstance(d, OpenRequest)]
    assert [request.origin for request in again] == [request.origin for request in requests]


# --- plans --------------------------------------------------------------------------------------


def test_a_plan_without_technical_requests_gets_documents_instead() -> None:
    turn = talk(hear(STORY, "get_cluster_support"), plan="basic")
    assert turn.decisions == (OfferInsteadOfTechnical(STORY),)
    assert turn.conversation.draft is None


@pytest.mark.parametrize(
    ("intent", "target", "answer"),
    [
        ("upgrade_plan", "enterprise", Say("plan.already", {"plan": "enterprise"})),
        ("upgrade_plan", "standard", Say("plan.not_higher", {"plan": "standard"})),
        ("downgrade_plan", "premium", Say("plan.not_lower", {"plan": "premium"})),
        ("downgrade_plan", "enterprise", Say("plan.already", {"plan": "enterprise"})),
    ],
)
def test_a_plan_change_that_is_none_is_explained_and_not_opened(
    intent: str, target: str, answer: Say
) -> None:
    assert talk(hear("change it", intent, slots={"target": target})).decisions == (answer,)


def test_the_same_holds_when_the_plan_is_named_only_when_asked() -> None:
    turn = talk(hear("upgrade please", "upgrade_plan"), hear("standard"))
    assert turn.decisions == (Say("plan.not_higher", {"plan": "standard"}),)
    assert not turn.conversation.expecting


@pytest.mark.parametrize(("target", "queue"), [("enterprise", "billing"), ("premium", "sales")])
def test_only_the_plan_sold_by_sales_goes_to_sales(target: str, queue: str) -> None:
    turn = talk(hear("upgrade", "upgrade_plan", slots={"target": target}), plan="standard")
    assert opened(turn).queue == queue


def test_a_downgrade_is_confirmed_before_it_is_opened() -> None:
    down = hear("go down to basic", "downgrade_plan", slots={"target": "basic"})
    waiting = talk(down)
    assert waiting.decisions == (ConfirmDowngrade("basic"),)
    for yes in (
        respond(waiting.conversation, hear("yes", act="yes"), DESK),
        confirm(waiting.conversation, yes=True, around=DESK),
    ):
        assert opened(yes).fields == {"target": "basic"}
    for no in (
        respond(waiting.conversation, hear("no", act="no"), DESK),
        confirm(waiting.conversation, yes=False, around=DESK),
    ):
        assert no.decisions == (Say("draft.cancelled", {"intent": "downgrade_plan"}),)
        assert not no.conversation.expecting


def test_a_confirmation_pressed_twice_opens_once() -> None:
    down = hear("go down to basic", "downgrade_plan", slots={"target": "basic"})
    done = confirm(talk(down).conversation, yes=True, around=DESK)
    twice = confirm(done.conversation, yes=True, around=DESK)
    assert twice.decisions == (Say("question.no_longer_open"),)


# --- unsure -------------------------------------------------------------------------------------

UNSURE = hear(
    "cluster tier question",
    "get_cluster_support",
    unsure=("get_cluster_support", "ask_docs"),
)


def test_two_equal_meanings_are_asked_about() -> None:
    assert talk(UNSURE).decisions == (Clarify(("get_cluster_support", "ask_docs")),)


@pytest.mark.parametrize(
    "choice",
    [
        hear("A question about the product"),
        hear("製品についての質問"),
        hear("the docs one", "ask_docs"),
    ],
    ids=["its label", "its label in another language", "other words for it"],
)
def test_the_choice_may_be_typed(choice: Heard) -> None:
    turn = talk(UNSURE, choice)
    assert turn.decisions == (AnswerQuestion("cluster tier question", ""),)
    assert not turn.conversation.expecting


def test_the_choice_may_be_pressed_and_is_remembered_in_the_thread() -> None:
    chosen = choose(talk(UNSURE).conversation, "ask_docs", "C1:2.0:U1:do.clarify", DESK)
    assert chosen.decisions == (AnswerQuestion("cluster tier question", ""),)
    later = replace(UNSURE, text="another tier question")
    turn = respond(chosen.conversation, later, DESK)
    assert turn.decisions == (AnswerQuestion("another tier question", "cluster tier question"),)


def test_a_requests_number_settles_what_words_alone_leave_open() -> None:
    unsure = hear(
        "SUP-1002?",
        "check_request",
        slots={"ticket": "SUP-1002"},
        unsure=("check_request", "ask_docs"),
    )
    assert talk(unsure).decisions == (ShowRequests("SUP-1002"),)


# --- speaking and keeping silent ----------------------------------------------------------------


def test_a_message_not_meant_for_the_bot_is_left_alone() -> None:
    turn = talk(hear("lunch?", reply=False))
    assert [type(decision) for decision in turn.decisions] == [StaySilent]
    assert turn.conversation == Conversation()


def test_help_shows_the_menu() -> None:
    assert talk(hear("help", addressed=True, act="help")).decisions == (ShowHelp(),)


def test_a_follow_up_question_carries_the_subject_of_the_one_before() -> None:
    turn = talk(hear("how do I add a user?", "ask_docs"), hear("and on Dedicated?", "ask_docs"))
    assert turn.decisions == (AnswerQuestion("and on Dedicated?", "how do I add a user?"),)


@pytest.mark.parametrize(
    ("asked", "second", "third"),
    [
        ("how do I add a user?", "and on Dedicated?", "and on Starter?"),
        ("ユーザーを追加するには？", "Dedicatedの場合は？", "Starterの場合は？"),
        ("怎么添加一个新用户？", "那Dedicated呢？", "那Starter呢？"),
    ],
)
def test_a_second_follow_up_is_still_about_the_question(
    asked: str, second: str, third: str
) -> None:
    turn = talk(*(hear(text, "ask_docs") for text in (asked, second, third)))
    assert turn.decisions == (AnswerQuestion(third, asked),)


def test_a_whole_question_is_the_new_subject() -> None:
    asked = ("how do I add a user?", "how do I restore a backup?", "and on Starter?")
    turn = talk(*(hear(text, "ask_docs") for text in asked))
    assert turn.decisions == (AnswerQuestion("and on Starter?", "how do I restore a backup?"),)


# --- in the thread of a request -----------------------------------------------------------------

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
REQUEST = Request(
    id=2, account_id=1, requester="U1", requester_name="Leo", channel="C1", thread_ts="1.0",
    intent="get_cluster_support", queue="support", severity="S2", state="claimed",
    summary=STORY, language="en", opened_at=NOON, updated_at=NOON, fields={"cluster": "prod-1"},
)  # fmt: skip


def test_words_in_a_requests_thread_are_for_staff_and_the_bot_keeps_silent() -> None:
    turn = talk(hear("it got worse, how do I restore?", "ask_docs", request=REQUEST))
    assert [type(decision) for decision in turn.decisions] == [StaySilent]


def test_asked_by_name_in_a_requests_thread_the_bot_answers() -> None:
    turn = talk(hear("how do I restore?", "ask_docs", request=REQUEST, addressed=True))
    assert turn.decisions == (AnswerQuestion("how do I restore?", ""),)


def test_the_state_asked_for_in_a_requests_thread_is_that_requests() -> None:
    turn = talk(hear("any news?", "check_request", request=REQUEST))
    assert turn.decisions == (ShowRequests("SUP-1002"),)


@pytest.mark.parametrize("action", ["close", "reopen", "escalate"])
def test_an_update_in_a_requests_thread_is_about_that_request(action: str) -> None:
    said = hear("please do", "update_request", slots={"action": action}, request=REQUEST)
    assert talk(said).decisions == (UpdateRequest(action, "please do", "SUP-1002"),)


def test_a_correction_in_a_requests_thread_changes_its_fields() -> None:
    said = hear(
        "sorry, I meant prod-2",
        "update_request",
        slots={"cluster": "prod-2"},
        act="correct",
        request=REQUEST,
    )
    assert talk(said).decisions == (CorrectRequest({"cluster": "prod-2"}),)


# --- what is remembered -------------------------------------------------------------------------


def test_a_conversation_survives_being_stored() -> None:
    poc = hear("we need a PoC", "request_poc", slots={"kind": "poc"})
    parked = talk(HELP, hear("prod-1"), poc).conversation
    full = replace(
        parked,
        language="ja",
        clarifying=("ask_docs", "check_plan"),
        chosen={"a|b": "a"},
        said=({"ts": "1.0", "user": "U1", "name": "Leo", "text": "héllo 🎫"},),
    )
    assert Conversation.from_json(full.to_json()) == full


# --- whether it is meant for us -----------------------------------------------------------------


def test_few_words_about_ones_own_cluster_are_enough() -> None:
    assert asks_for(talk(QUIET_OUTAGE)) == "severity"
    elsewhere = replace(QUIET_OUTAGE.meaning, slots={"cluster": "somebody-elses"})
    assert isinstance(talk(replace(QUIET_OUTAGE, meaning=elsewhere)).decisions[0], StaySilent)


def test_a_channel_that_forbids_to_speak_unasked_is_obeyed_about_ones_own_cluster_too() -> None:
    assert isinstance(talk(replace(QUIET_OUTAGE, barred=True)).decisions[0], StaySilent)
