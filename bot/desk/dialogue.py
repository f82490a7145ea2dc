"""One customer message in, a changed conversation and a list of decisions out. Pure.

The order of the questions asked here is the bot's manners:

1. Is a question of ours open, and does this answer, correct or cancel it?
2. Did they choose one of the meanings we offered?
3. Otherwise: was this meant for us at all, and what does it ask for — each thing in turn?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.desk.conversation import Conversation, Draft
from bot.desk.decisions import (
    AnswerQuestion,
    AskField,
    Clarify,
    ConfirmDowngrade,
    CorrectRequest,
    Decision,
    OfferInsteadOfTechnical,
    OpenRequest,
    Say,
    ShowHelp,
    ShowPlan,
    ShowRequests,
    StaySilent,
    UpdateRequest,
)
from bot.desk.fields import explicit_severity, read_field, says_enough
from bot.desk.forms import Field, Form, Handling
from bot.desk.meaning import Candidate, Meaning
from bot.desk.plans import Plan, PlanBook
from bot.desk.requests import Request

Act = Literal["", "cancel", "yes", "no", "correct", "thanks", "help"]
"""What a short reply does in a conversation, whatever it is about."""

SILENT_INTENTS = frozenset({"smalltalk", "out_of_scope"})
_NAMES_A_REQUEST = frozenset({"check_request", "update_request"})
_ABOUT_THE_DESK = frozenset({"check_request", "check_plan", "talk_to_human"})
CHANGE_OF_SUBJECT = 0.7
"""Score from which a message is a new subject although a question of ours is open."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One message with everything known about it."""

    text: str
    """Readable text: mentions and links resolved."""
    meaning: Meaning
    origin: str
    act: Act = ""
    addressed: bool = False
    request: Request | None = None
    """The latest request opened in this thread."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desk knows about the account and the house's rules."""

    handlings: Mapping[str, Handling]
    plans: PlanBook
    plan: Plan
    clusters: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] | None = None
    """`<field>.<option>` → the words people use for that option, in all languages."""


@dataclass(frozen=True, slots=True)
class Turn:
    conversation: Conversation
    decisions: tuple[Decision, ...]


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


def choose(conversation: Conversation, intent: str, origin: str, around: Surroundings) -> Turn:
    """The customer pressed the button of one of the meanings we offered."""
    text = conversation.clarifying_text
    key = "|".join(conversation.clarifying)
    settled = replace(
        conversation,
        clarifying=(),
        clarifying_text="",
        clarifying_origin="",
        chosen={**conversation.chosen, key: intent} if key else conversation.chosen,
    )
    meant = Candidate(intent=intent, score=1.0)
    return start(settled, (meant,), text, conversation.clarifying_origin or origin, around)


def answer_field(conversation: Conversation, name: str, value: str, around: Surroundings) -> Turn:
    """The customer pressed a button that answers the open question."""
    draft = conversation.draft
    if draft is None or draft.asked != name:
        return Turn(conversation, (Say("question.no_longer_open"),))
    return _advance(conversation, draft.knowing(**{name: value}), around)


def cancel(conversation: Conversation, around: Surroundings) -> Turn:
    """Drop what is being gathered; whatever was parked under it comes back."""
    draft = conversation.draft
    if draft is None:
        return Turn(replace(conversation, clarifying=()), (Say("draft.nothing_to_cancel"),))
    return _resume(
        replace(conversation, drafts=conversation.drafts[:-1]),
        [Say("draft.cancelled", {"intent": draft.intent})],
        around,
    )


def confirm(conversation: Conversation, *, yes: bool, around: Surroundings) -> Turn:
    """The answer to "really?": open the request, or drop it."""
    draft = conversation.draft
    if draft is None or not draft.confirming:
        return Turn(conversation, (Say("question.no_longer_open"),))
    if not yes:
        return cancel(conversation, around)
    return _open(conversation, draft, around)


# --- a question of ours is open ---------------------------------------------------------------


def _continue_draft(
    conversation: Conversation, draft: Draft, heard: Heard, around: Surroundings
) -> Turn | None:
    if heard.act == "cancel":
        return cancel(conversation, around)
    if draft.confirming and heard.act in ("yes", "no"):
        return confirm(conversation, yes=heard.act == "yes", around=around)
    form = _form(draft.intent, around)
    asked = form.field(draft.asked)
    corrected = _corrections(draft, form, heard)
    if heard.act == "correct" and corrected:
        return _advance(conversation, draft.knowing(**corrected), around)
    if heard.act == "yes" and draft.suggested:
        return _advance(conversation, draft.knowing(**{draft.asked: draft.suggested}), around)
    if asked is not None:
        certain = read_field(asked, heard, around, lenient=False)
        if certain:
            return _advance(
                conversation, draft.knowing(**{**corrected, asked.name: certain}), around
            )
    if heard.act == "thanks" or not _still_here(heard):
        return Turn(conversation, (StaySilent("not an answer to the open question"),))
    if _changes_subject(draft, asked, heard):
        return None
    if asked is not None:
        loose = read_field(asked, heard, around, lenient=True)
        if loose:
            return _advance(conversation, draft.knowing(**{**corrected, asked.name: loose}), around)
    if corrected:
        return _advance(conversation, draft.knowing(**corrected), around)
    return _advance(conversation, draft, around, again=True)


def _still_here(heard: Heard) -> bool:
    """A message in our thread that names somebody else is between people."""
    return heard.addressed or "<@" not in heard.text


def _corrections(draft: Draft, form: Form, heard: Heard) -> dict[str, str]:
    """Slots of this message that differ from what was gathered before."""
    return {
        name: value
        for name, value in heard.meaning.slots.items()
        if form.field(name) is not None and draft.fields.get(name, value) != value
    }


def _changes_subject(draft: Draft, asked: Field | None, heard: Heard) -> bool:
    meaning = heard.meaning
    if meaning.intent == draft.intent or meaning.intent in SILENT_INTENTS:
        return False
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
    spoken_to = heard.addressed or meaning.reply or conversation.expecting
    if not spoken_to:
        return Turn(conversation, (StaySilent("not meant for us"),))
    if heard.act == "help":
        return _resume(conversation, [ShowHelp()], around)
    if heard.act == "cancel":
        return cancel(conversation, around)
    if meaning.unsure_between:
        return _clarify(conversation, heard, around)
    main = Candidate(meaning.intent, meaning.score, meaning.slots)
    return start(conversation, (main, *meaning.also), heard.text, heard.origin, around)


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
    )
    return Turn(asked, (Clarify(choices),))


def _within_request(
    conversation: Conversation, heard: Heard, request: Request, around: Surroundings
) -> Turn:
    """In the thread of a request everything is passed on to staff; the bot speaks only if asked."""
    meaning = heard.meaning
    if heard.act == "correct":
        fields = {
            name: value
            for name, value in meaning.slots.items()
            if name in ("cluster", "kind", "feature") and request.fields.get(name) != value
        }
        if fields:
            return Turn(conversation, (CorrectRequest(fields),))
    slots = meaning.slots
    if meaning.score >= CHANGE_OF_SUBJECT or heard.addressed:
        match meaning.intent:
            case "check_request":
                number = slots.get("ticket", request.number)
                return Turn(conversation, (ShowRequests(number),))
            case "update_request" if slots.get("action", "comment") != "comment":
                number = slots.get("ticket", request.number)
                return Turn(conversation, (UpdateRequest(slots["action"], heard.text, number),))
            case "check_plan" | "ask_docs" | "upgrade_plan" | "downgrade_plan" if heard.addressed:
                main = Candidate(meaning.intent, meaning.score, slots)
                return start(conversation, (main,), heard.text, heard.origin, around)
            case _:
                pass
    return Turn(conversation, (StaySilent("passed on to staff"),))


def start(
    conversation: Conversation,
    wanted: Sequence[Candidate],
    text: str,
    origin: str,
    around: Surroundings,
) -> Turn:
    """Handle each wanted thing in the order of the text; forms are asked about one by one."""
    decisions: list[Decision] = []
    drafts: list[Draft] = []
    for position, candidate in enumerate(wanted):
        handling = around.handlings.get(candidate.intent)
        if handling is not None and handling.form is not None:
            draft = _draft(candidate, handling.form, text, f"{origin}:{position}")
            refusal = _refusal(draft, text, around)
            if refusal is None:
                drafts.append(draft)
            else:
                decisions.append(refusal)
        else:
            decisions.append(_at_once(candidate, text, conversation))
            if candidate.intent == "ask_docs":
                conversation = replace(conversation, subject=text)
    if not drafts:
        return _resume(conversation, decisions, around)
    # The first thing asked for is dealt with first: it goes to the top of the stack.
    waiting = replace(conversation, drafts=(*conversation.drafts, *reversed(drafts[1:])))
    turn = _advance(waiting, drafts[0], around, push=True)
    return Turn(turn.conversation, (*decisions, *turn.decisions))


def _at_once(candidate: Candidate, text: str, conversation: Conversation) -> Decision:
    slots = candidate.slots
    match candidate.intent:
        case "check_request":
            return ShowRequests(slots.get("ticket", ""))
        case "update_request":
            return UpdateRequest(slots.get("action", "comment"), text, slots.get("ticket", ""))
        case "check_plan":
            return ShowPlan()
        case "smalltalk":
            return Say("smalltalk.hello")
        case "out_of_scope":
            return Say("out_of_scope")
        case _:
            return AnswerQuestion(text, conversation.subject)


def _draft(candidate: Candidate, form: Form, text: str, origin: str) -> Draft:
    fields: dict[str, str] = {}
    for field in form.fields:
        value = candidate.slots.get(field.name, "")
        if field.kind == "severity":
            value = explicit_severity(text)
        if not value and field.from_message and says_enough(text):
            value = text
        if value and (not field.options or value in field.options):
            fields[field.name] = value
    if candidate.intent == "downgrade_plan":
        fields.setdefault("target", "basic")
    suggested = candidate.slots.get("severity", "")
    return Draft(candidate.intent, text, origin, fields, suggested=suggested)


def _refusal(draft: Draft, text: str, around: Surroundings) -> Decision | None:
    """Why this request is not opened, as what is offered instead; None when it is."""
    if draft.intent == "get_cluster_support" and not around.plan.technical:
        return OfferInsteadOfTechnical(text)
    target = draft.fields.get("target", "")
    if not target or draft.intent not in ("upgrade_plan", "downgrade_plan"):
        return None
    if target == around.plan.key:
        return Say("plan.already", {"plan": target})
    higher = around.plans.plan(target).rank > around.plan.rank
    if draft.intent == "downgrade_plan" and higher:
        return Say("plan.not_lower", {"plan": target})
    if draft.intent == "upgrade_plan" and not higher:
        return Say("plan.not_higher", {"plan": target})
    return None


# --- gathering fields -------------------------------------------------------------------------


def _form(intent: str, around: Surroundings) -> Form:
    handling = around.handlings.get(intent)
    return handling.form if handling and handling.form else Form(intent, ())


def _advance(
    conversation: Conversation,
    draft: Draft,
    around: Surroundings,
    *,
    again: bool = False,
    push: bool = False,
    resumed: bool = False,
) -> Turn:
    """Ask for the next missing field, ask to confirm, or open the request."""
    rest = conversation.drafts if push else conversation.drafts[:-1]
    refusal = _refusal(draft, draft.text, around)
    if refusal is not None:
        return _resume(replace(conversation, drafts=rest), [refusal], around)
    missing = _form(draft.intent, around).missing(draft.fields)
    if missing is not None:
        suggested = draft.suggested if missing.kind == "severity" else ""
        asking = replace(draft, asked=missing.name, suggested=draft.suggested)
        question = AskField(
            intent=draft.intent,
            field=missing.name,
            kind=missing.kind,
            options=missing.options,
            suggested=suggested,
            resumed=resumed,
            again=again,
        )
        return Turn(replace(conversation, drafts=(*rest, asking)), (question,))
    if draft.intent == "downgrade_plan":
        asking = replace(draft, asked="", confirming=True)
        return Turn(
            replace(conversation, drafts=(*rest, asking)),
            (ConfirmDowngrade(draft.fields["target"]),),
        )
    return _open(replace(conversation, drafts=(*rest, draft)), draft, around)


def _open(conversation: Conversation, draft: Draft, around: Surroundings) -> Turn:
    handling = around.handlings[draft.intent]
    queue = handling.queue
    if draft.intent == "upgrade_plan" and around.plans.plan(draft.fields["target"]).through_sales:
        queue = "sales"
    opened = OpenRequest(
        intent=draft.intent,
        queue=queue,
        fields=draft.fields,
        summary=_summary(draft),
        origin=draft.origin,
    )
    return _resume(replace(conversation, drafts=conversation.drafts[:-1]), [opened], around)


def _summary(draft: Draft) -> str:
    for name in ("description", "use_case"):
        if draft.fields.get(name):
            return draft.fields[name]
    if draft.fields.get("feature"):
        return f"Apply for {draft.fields['feature']}"
    return draft.text


def _resume(conversation: Conversation, decisions: list[Decision], around: Surroundings) -> Turn:
    """After something was dealt with, come back to the question that still waits, if any."""
    draft = conversation.draft
    if draft is None:
        return Turn(conversation, tuple(decisions))
    turn = _advance(conversation, draft, around, resumed=True)
    return Turn(turn.conversation, (*decisions, *turn.decisions))
