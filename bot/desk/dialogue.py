"""One customer message in, a changed conversation and a list of decisions out. Pure.

The order of the questions asked here is the bot's manners:

1. Is a question of ours open, and does this answer, correct or cancel it?
2. Did they choose one of the meanings we offered?
3. Otherwise: was this meant for us at all, and what does it ask for — each thing in turn?
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.desk.conversation import Conversation, Draft
from bot.desk.decisions import (
    Clarify,
    CorrectRequest,
    OpenRequest,
    Say,
    ShowHelp,
    ShowRequests,
    StaySilent,
    UpdateRequest,
)
from bot.desk.drafts import advance, cancel, choose, confirm, resume, start
from bot.desk.fields import named_cluster, read_field
from bot.desk.forms import RAISE, Field, Form
from bot.desk.heard import Heard, Surroundings, Turn
from bot.desk.meaning import Candidate, Meaning
from bot.desk.raising import wanted_severity
from bot.desk.requests import Request

SILENT_INTENTS = frozenset({"smalltalk", "out_of_scope"})
_NAMES_A_REQUEST = frozenset({"check_request", "update_request"})
_ABOUT_THE_DESK = frozenset({"check_request", "check_plan", "talk_to_human"})
_SURE_WITH_A_CLUSTER = 0.3
"""Of 26 terse outages ("ledger-eu is down!!") 22 are heard at 0.3, 10 at 0.5; of 45 messages
between colleagues that name a cluster 4 are answered, 2 at 0.5."""
_SHORT = 40
"""Characters of a reply that is nothing but the answer."""
CHANGE_OF_SUBJECT = 0.7
"""Score from which a message is a new subject although a question of ours is open."""


def respond(conversation: Conversation, heard: Heard, around: Surroundings) -> Turn:
    """Decide about one customer message."""
    if conversation.draft is not None:
        turn = _continue_draft(conversation, conversation.draft, heard, around)
        if turn is not None:
            return turn
    if conversation.clarifying:
        turn = _take_choice(conversation, heard, around)
        if turn is not None:
            return turn
    return _begin(conversation, heard, around)


# --- a question of ours is open ---------------------------------------------------------------


def answers_beside(
    conversation: Conversation, heard: Heard, around: Surroundings, *, alone: bool
) -> bool:
    """A message at the top of the channel is an answer to our open question in a thread.

    In a channel it must hardly be able to mean anything else; `alone` with us in a DM it is enough
    that it is no other clear wish.
    """
    draft = conversation.draft
    if draft is None or heard.act in ("cancel", "yes", "no", "correct"):
        return conversation.expecting and bool(heard.act)
    asked = around.form(draft.intent).field(draft.asked)
    if asked is None or "<@" in heard.text:
        return False
    if len(heard.text) <= _SHORT and read_field(asked, heard, around, lenient=False):
        return True
    other = heard.meaning.intent not in (draft.intent, *SILENT_INTENTS)
    if other and heard.meaning.score >= CHANGE_OF_SUBJECT:
        return False
    return heard.meaning.intent == draft.intent or (alone and not other)


def _continue_draft(
    conversation: Conversation, draft: Draft, heard: Heard, around: Surroundings
) -> Turn | None:
    if heard.act == "cancel":
        return cancel(conversation, around)
    if heard.act == "help":
        return None
    if draft.confirming and heard.act in ("yes", "no"):
        return confirm(conversation, yes=heard.act == "yes", around=around)
    form = around.form(draft.intent)
    asked = form.field(draft.asked)
    corrected = _corrections(draft.fields, form, heard, around)
    if heard.act == "correct" and corrected:
        return advance(conversation, draft.knowing(**corrected), around)
    if asked is not None:
        if heard.act == "yes" and draft.suggested and asked.kind == "severity":
            suggested = {asked.name: draft.suggested}
            return advance(conversation, draft.knowing(**suggested), around)
        certain = read_field(asked, heard, around, lenient=False)
        if certain:
            return advance(
                conversation, draft.knowing(**{**corrected, asked.name: certain}), around
            )
    if heard.act == "thanks" or not _still_here(heard):
        return Turn(conversation, (StaySilent("not an answer to the open question"),))
    if _changes_subject(draft, asked, heard):
        return None
    if asked is not None and heard.act not in ("yes", "no"):
        loose = read_field(asked, heard, around, lenient=True)
        if loose:
            return advance(conversation, draft.knowing(**{**corrected, asked.name: loose}), around)
    if corrected:
        return advance(conversation, draft.knowing(**corrected), around)
    return advance(conversation, draft, around, again=True)


def _still_here(heard: Heard) -> bool:
    """A message in our thread that names somebody else is between people."""
    return heard.addressed or "<@" not in heard.text


def _corrections(
    known: Mapping[str, str], form: Form, heard: Heard, around: Surroundings
) -> dict[str, str]:
    """What this message says differently from what is known."""
    said = dict(heard.meaning.slots)
    if heard.act == "correct" and "cluster" not in said:
        # "No, I meant prod-2" asks for nothing by itself, so it was read without its slots.
        said["cluster"] = named_cluster(heard.text, around.clusters)
    unsure = bool(heard.meaning.unsure_between)
    return {
        name: value
        for name, value in said.items()
        if value
        and name not in heard.meaning.assumed
        and (field := form.field(name)) is not None
        and known.get(name, value) != value
        # Only a sure reading unsays what was chosen.
        and not (unsure and field.kind == "choice")
    }


def _changes_subject(draft: Draft, asked: Field | None, heard: Heard) -> bool:
    meaning = heard.meaning
    if meaning.intent == draft.intent or meaning.intent in SILENT_INTENTS:
        return False
    if draft.intent in meaning.unsure_between:
        return False
    if draft.intent == RAISE and asked is not None and asked.name == "reason":
        # Why it is urgent is said in a hurry and may sound like anything.
        return heard.addressed and meaning.score >= CHANGE_OF_SUBJECT
    if asked is not None and asked.kind == "long_text" and meaning.intent not in _ABOUT_THE_DESK:
        # A description may sound like anything; only a plain word to the desk interrupts it.
        return False
    return meaning.score >= CHANGE_OF_SUBJECT


def _take_choice(conversation: Conversation, heard: Heard, around: Surroundings) -> Turn | None:
    if heard.act == "cancel":
        return cancel(replace(conversation, clarifying=()), around)
    said = heard.text.strip().casefold()
    labels = around.labels or {}
    for intent in conversation.clarifying:
        if said in {label.casefold() for label in labels.get(f"intent.{intent}", ())}:
            return choose(conversation, intent, heard.origin, around)
    if heard.meaning.intent in conversation.clarifying and not heard.meaning.unsure_between:
        return choose(conversation, heard.meaning.intent, heard.origin, around)
    return None


# --- something new ----------------------------------------------------------------------------


def _begin(conversation: Conversation, heard: Heard, around: Surroundings) -> Turn:
    meaning = heard.meaning
    if heard.request is not None:
        return _within_request(conversation, heard, heard.request, around)
    spoken_to = (
        heard.addressed
        or meaning.reply
        or conversation.expecting
        or (not heard.barred and _own_cluster_in_trouble(meaning, around))
    )
    if not spoken_to:
        return Turn(conversation, (StaySilent("not meant for us"),))
    if heard.act == "help":
        return resume(conversation, [ShowHelp()], around)
    if heard.act == "cancel":
        return cancel(conversation, around)
    if meaning.unsure_between:
        return _clarify(conversation, heard, around)
    main = Candidate(meaning.intent, meaning.score, meaning.slots)
    return start(conversation, (main, *meaning.also), heard.text, heard.origin, around)


def _own_cluster_in_trouble(meaning: Meaning, around: Surroundings) -> bool:
    """Naming one's own cluster makes up for words that alone would not be sure enough."""
    return (
        meaning.intent == "get_cluster_support"
        and meaning.score >= _SURE_WITH_A_CLUSTER
        and meaning.slots.get("cluster") in around.clusters
    )


def _clarify(conversation: Conversation, heard: Heard, around: Surroundings) -> Turn:
    choices = heard.meaning.unsure_between[:3]
    about_requests = [choice for choice in choices if choice in _NAMES_A_REQUEST]
    if heard.meaning.slots.get("ticket") and len(about_requests) == 1:
        # A request's number settles what words alone leave open.
        meant = Candidate(about_requests[0], heard.meaning.score, heard.meaning.slots)
        return start(conversation, (meant,), heard.text, heard.origin, around)
    known = conversation.chosen.get("|".join(choices))
    if known is not None:
        meant = Candidate(known, 1.0, heard.meaning.slots)
        return start(conversation, (meant,), heard.text, heard.origin, around)
    asked = replace(
        conversation,
        clarifying=choices,
        clarifying_text=heard.text,
        clarifying_origin=heard.origin,
        clarifying_slots=dict(heard.meaning.slots),
    )
    return Turn(asked, (Clarify(choices),))


def _within_request(
    conversation: Conversation, heard: Heard, request: Request, around: Surroundings
) -> Turn:
    """In the thread of a request everything is passed on to staff; the bot speaks only if asked."""
    meaning = heard.meaning
    if heard.act == "correct":
        known = {"cluster": "", "kind": "", "feature": "", **request.fields}
        said = _corrections(known, around.form(request.intent), heard, around)
        fields: dict[str, str] = {
            name: said[name] for name in ("cluster", "kind", "feature") if name in said
        }
        if fields:
            return Turn(conversation, (CorrectRequest(fields),))
    if heard.act == "cancel":
        return Turn(conversation, (Say("draft.nothing_to_cancel"),))
    slots = meaning.slots
    if not request.open and _goes_on(heard):
        if heard.late:
            return Turn(conversation, (_continued(heard, request),))
        return Turn(conversation, (UpdateRequest("reopen", heard.text, request.number),))
    if heard.human and not heard.addressed and not _is_order(heard):
        return Turn(conversation, (StaySilent("a person has taken over"),))
    if meaning.score >= CHANGE_OF_SUBJECT or heard.addressed:
        match meaning.intent:
            case "check_request":
                number = slots.get("ticket", request.number)
                return Turn(conversation, (ShowRequests(number),))
            case "update_request" if _acts(heard, request):
                number = slots.get("ticket", request.number)
                action = slots.get("action", "comment")
                if action == "comment":
                    action = "escalate"
                return Turn(conversation, (UpdateRequest(action, heard.text, number),))
            case "check_plan" | "ask_docs" | "upgrade_plan" | "downgrade_plan" if heard.addressed:
                main = Candidate(meaning.intent, meaning.score, slots)
                return start(conversation, (main,), heard.text, heard.origin, around)
            case _:
                pass
    return Turn(conversation, (StaySilent("passed on to staff"),))


def _goes_on(heard: Heard) -> bool:
    """ "Thanks" leaves a request resolved; anything with content means that it is not over."""
    if heard.act:
        return heard.act == "thanks" and heard.unfinished
    intent = heard.meaning.intent
    return intent not in ("smalltalk", "check_request") or (
        intent == "smalltalk" and heard.unfinished
    )


def _is_order(heard: Heard) -> bool:
    """Something to be done at once that no person needs to answer."""
    meaning = heard.meaning
    sure = meaning.intent == "update_request" and meaning.score >= CHANGE_OF_SUBJECT
    return sure and meaning.slots.get("action", "comment") != "comment"


def _continued(heard: Heard, request: Request) -> OpenRequest:
    """The same trouble long after: a request of its own that knows the old one."""
    fields = {**request.fields}
    for name in ("description", "use_case"):
        if name in fields:
            fields[name] = heard.text
    return OpenRequest(
        request.intent,
        request.queue,
        fields,
        summary=heard.text,
        origin=f"{heard.origin}:follows",
        follows=request.id,
    )


def _acts(heard: Heard, request: Request) -> bool:
    """More than words for staff: something is to be done, or the severity is to be another."""
    action = heard.meaning.slots.get("action", "comment")
    return action != "comment" or wanted_severity(heard.text, request) is not None
