"""Gathering what a request needs: begin, ask for the next field, confirm, open, resume. Pure.

Drafts are a stack. The top one is being asked about; when it is done, the one below comes back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.desk.conversation import Conversation, Draft
from bot.desk.decisions import (
    AnswerQuestion,
    AskField,
    ConfirmDowngrade,
    Decision,
    OfferInsteadOfTechnical,
    OpenRequest,
    RaiseSeverity,
    Say,
    ShowPlan,
    ShowRequests,
    UpdateRequest,
)
from bot.desk.fields import explicit_severity, is_telling, named_plan, says_enough
from bot.desk.forms import RAISE, Field, Form
from bot.desk.heard import Surroundings, Turn
from bot.desk.meaning import Candidate
from bot.desk.raising import choices

_LATIN_WORD = re.compile(r"[A-Za-z0-9_'-]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_WHOLE_QUESTION = 4


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
            draft = _draft(candidate, handling.form, around, text, f"{origin}:{position}")
            refusal = _refusal(draft, text, around)
            if refusal is None:
                drafts.append(draft)
            else:
                decisions.append(refusal)
        else:
            decisions.append(_at_once(candidate, text, conversation, around))
            if candidate.intent == "ask_docs" and (_says_what(text) or not conversation.subject):
                conversation = replace(conversation, subject=text)
    if not drafts:
        return resume(conversation, decisions, around)
    # The first thing asked for is dealt with first: it goes to the top of the stack.
    waiting = replace(conversation, drafts=(*conversation.drafts, *reversed(drafts[1:])))
    turn = advance(waiting, drafts[0], around, push=True)
    return Turn(turn.conversation, (*decisions, *turn.decisions))


def _says_what(text: str) -> bool:
    """A whole question, no "and for Dedicated?" that lives on the one before.

    Measured in words; two letters of Japanese or Chinese count as one.
    """
    words = len(_LATIN_WORD.findall(text)) + len(_CJK.findall(text)) / 2
    return words >= _WHOLE_QUESTION


def _at_once(
    candidate: Candidate, text: str, conversation: Conversation, around: Surroundings
) -> Decision:
    slots = candidate.slots
    match candidate.intent:
        case "check_request":
            return ShowRequests(slots.get("ticket", ""))
        case "update_request":
            return UpdateRequest(slots.get("action", "comment"), text, slots.get("ticket", ""))
        case "check_plan":
            return ShowPlan(named_plan(text, around))
        case "smalltalk":
            return Say("smalltalk.hello")
        case "out_of_scope":
            # The documentation knows names that no phrase has.
            return AnswerQuestion(text, if_sure=True)
        case _:
            return AnswerQuestion(text, conversation.subject)


def _draft(candidate: Candidate, form: Form, around: Surroundings, text: str, origin: str) -> Draft:
    fields: dict[str, str] = {}
    for field in form.fields:
        value = candidate.slots.get(field.name, "")
        if field.kind == "severity":
            value = explicit_severity(text)
        if not value and field.from_message and says_enough(text, around):
            value = text
        if field.name == "feature" and not is_telling(value, around):
            continue
        # A severity that this form has not is explained when the request is opened.
        if value and (not field.options or value in field.options or field.kind == "severity"):
            fields[field.name] = value
    if candidate.intent == "downgrade_plan":
        fields.setdefault("target", "basic")
    suggested = candidate.slots.get("severity", "")
    return Draft(candidate.intent, text, origin, fields, suggested=suggested)


def _refusal(draft: Draft, text: str, around: Surroundings) -> Decision | None:
    """Why this request is not opened, as what is offered instead; None when it is."""
    if draft.intent in around.plans.intake.technical and not around.plan.technical:
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


def choose(conversation: Conversation, intent: str, origin: str, around: Surroundings) -> Turn:
    """The customer pressed the button of one of the meanings we offered."""
    text = conversation.clarifying_text
    key = "|".join(conversation.clarifying)
    settled = replace(
        conversation,
        clarifying=(),
        clarifying_text="",
        clarifying_origin="",
        clarifying_slots={},
        chosen={**conversation.chosen, key: intent} if key else conversation.chosen,
    )
    meant = Candidate(intent, 1.0, conversation.clarifying_slots)
    return start(settled, (meant,), text, conversation.clarifying_origin or origin, around)


def answer_field(conversation: Conversation, name: str, value: str, around: Surroundings) -> Turn:
    """The customer pressed a button that answers the open question."""
    draft = conversation.draft
    if draft is None or draft.asked != name:
        return Turn(conversation, (Say("question.no_longer_open"),))
    return advance(conversation, draft.knowing(**{name: value}), around)


def cancel(conversation: Conversation, around: Surroundings) -> Turn:
    """Drop what is being gathered; whatever was parked under it comes back."""
    draft = conversation.draft
    if draft is None:
        return Turn(replace(conversation, clarifying=()), (Say("draft.nothing_to_cancel"),))
    return resume(
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


# --- one draft -------------------------------------------------------------------------


def advance(
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
        return resume(replace(conversation, drafts=rest), [refusal], around)
    missing = around.form(draft.intent).missing(draft.fields)
    if missing is not None:
        suggested = draft.suggested if missing.kind == "severity" else ""
        asking = replace(draft, asked=missing.name, suggested=draft.suggested)
        question = AskField(
            intent=draft.intent,
            field=missing.name,
            kind=missing.kind,
            options=_sensible(missing, draft, around),
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
    if draft.intent == RAISE:
        fields = draft.fields
        raised = RaiseSeverity(fields["number"], fields["severity"], fields["reason"])
        return resume(replace(conversation, drafts=conversation.drafts[:-1]), [raised], around)
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
    return resume(replace(conversation, drafts=conversation.drafts[:-1]), [opened], around)


def _sensible(field: Field, draft: Draft, around: Surroundings) -> tuple[str, ...]:
    """The options worth offering: of the plans those above or below the present one."""
    if draft.intent == RAISE and field.kind == "severity":
        return choices(draft.fields)
    if field.name != "target":
        return field.options
    rank = around.plan.rank
    ranks = {plan.key: plan.rank for plan in around.plans.plans}
    up = draft.intent == "upgrade_plan"
    return tuple(
        option
        for option in field.options
        if option in ranks and (ranks[option] > rank if up else ranks[option] < rank)
    )


def _summary(draft: Draft) -> str:
    for name in ("description", "use_case"):
        if draft.fields.get(name):
            return draft.fields[name]
    if draft.fields.get("feature"):
        return f"Apply for {draft.fields['feature']}"
    return draft.text


def resume(conversation: Conversation, decisions: list[Decision], around: Surroundings) -> Turn:
    """After something was dealt with, come back to the question that still waits, if any."""
    draft = conversation.draft
    if draft is None:
        return Turn(conversation, tuple(decisions))
    turn = advance(conversation, draft, around, resumed=True)
    return Turn(turn.conversation, (*decisions, *turn.decisions))
