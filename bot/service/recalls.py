"""Answer recall: when a sync changes or removes a section, staff hear who was answered from it.

The sync only writes rows, in the transaction that publishes the version; any running bot tells
staff, once for each answer and version, and does what they decide.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlalchemy.exc import IntegrityError

from bot.answers.index import PageKey
from bot.answers.pages import Page
from bot.content.blocks import Block
from bot.content.rich_text import readable
from bot.content.templates import Rendered
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.documents import DocumentAnswer, SectionPlace
from bot.desk.errors import NotAllowed
from bot.desk.meaning import language_of
from bot.desk.roles import Deed, require
from bot.service.directory import role_in
from bot.service.documents import Documents
from bot.service.house import House
from bot.service.places import address_of
from bot.service.posting import Posting, key_ref
from bot.service.present_channels import staff_home
from bot.service.speech import Actor, names_in
from bot.storage.recalls import OPEN
from bot.storage.tables import AnswerRecall, GivenAnswer
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

FORM = "recall"
NOT_NEEDED = "do.recall_not_needed"
_PER_NOTICE = 15
"""Threads of one message: each takes two or three of the fifty blocks that Slack allows."""


# --- noticing, in the sync ------------------------------------------------------------------------


def recall_answers(
    uow: UnitOfWork, version: int, replaced: Mapping[PageKey, int], fresh: Mapping[PageKey, Page]
) -> int:
    """Note every answer that rests on what the version changes; returns their number.

    `replaced` are the stored pages (by id) that the version replaces or loses, `fresh` its new
    ones. A section that was not touched this time is not noted again.
    """
    answered = uow.recalls.answered_pages()
    ids = [page_id for key, page_id in replaced.items() if key in answered]
    if not ids:
        return 0
    old = {page.key: page for page in uow.knowledge.pages(ids)}
    now_there: dict[tuple[str, str], dict[str, str]] = {}
    touched: dict[tuple[str, str], set[str]] = {}
    for key, page in old.items():
        after = fresh.get((language_of(key[0]), key[1]))
        now_there[key] = {
            section.anchor or "": section.content_hash
            for section in (after.sections if after else ())
        }
        touched[key] = {
            str(section.about["anchor"] or "")
            for section in page.sections
            if now_there[key].get(section.about["anchor"] or "") != section.content_hash
        }
    noted = 0
    for given in uow.recalls.answers_from(touched.keys()):
        key = given.source_language, given.path
        there = now_there[key]
        differing = [
            anchor
            for anchor, content_hash in given.rests_on or ()
            if anchor in touched[key] and there.get(anchor) != content_hash
        ]
        if not differing:
            continue
        headings = {one.about["anchor"] or "": one.about["heading"] for one in old[key].sections}
        uow.recalls.add(
            AnswerRecall(
                answer_id=given.id or 0,
                version=version,
                kind="changed" if given.anchor in there else "removed",
                title=str(old[key].head["title"]),
                section=str(headings.get(given.anchor, "")),
                at=uow.now,
            )
        )
        noted += 1
    return noted


# --- telling staff --------------------------------------------------------------------------------


def tell_of_recalls(house: House) -> None:
    """Owe staff a message for each section that changed. Every replica may do this at once."""
    with look(house.database, house.clock()) as uow:
        waiting = bool(uow.recalls.untold())
    if not waiting:
        return
    try:
        with work(house.database, house.clock()) as uow:
            _tell(uow, house)
    except IntegrityError:
        log.info("another replica tells of the answers to be corrected")
    house.owed.ring()


def _tell(uow: UnitOfWork, house: House) -> None:
    def section_of(pair: tuple[AnswerRecall, GivenAnswer]) -> tuple[int, str, str, str]:
        recall, given = pair
        return recall.version, given.source_language, given.path, given.anchor

    pairs = [(one, given) for one in uow.recalls.untold() if (given := uow.answer(one.answer_id))]
    for _, same in groupby(sorted(pairs, key=section_of), section_of):
        recalls = [recall for recall, _ in same]
        for start in range(0, len(recalls), _PER_NOTICE):
            some = recalls[start : start + _PER_NOTICE]
            key = f"recall:{some[0].version}:{some[0].id}"
            for recall in some:
                recall.state, recall.notice_key = "told", key
            posting = Posting(uow, house, key)
            posting.message(staff_home(uow, house), _notice(uow, house, some), key=key)


def _notice(uow: UnitOfWork, house: House, recalls: Sequence[AnswerRecall]) -> Rendered:
    first = recalls[0]
    return house.content.templates.message(
        "recall",
        house.staff_language,
        kind=first.kind,
        page=_page(first),
        threads=[_thread(uow, house, recall) for recall in recalls],
    )


def _page(recall: AnswerRecall) -> str:
    same = not recall.section or recall.section == recall.title
    return recall.title if same else f"{recall.title} › {recall.section}"


def _thread(uow: UnitOfWork, house: House, recall: AnswerRecall) -> dict[str, object]:
    given = uow.answer(recall.answer_id)
    assert given is not None
    account = uow.accounts.get(given.account_id or 0)
    posted = uow.outgoing.ts_of(given.posted_key) if given.posted_key else ""
    ts = posted or given.thread_ts
    link = f"{address_of(uow, house, given.channel)}archives/{given.channel}/p{ts.replace('.', '')}"
    if posted:
        link += f"?thread_ts={given.thread_ts}&cid={given.channel}"
    return {
        "id": str(recall.id),
        "open": recall.state in OPEN,
        "state": recall.state,
        "actor": recall.actor_name,
        "account": account.name if account else "?",
        "time_zone": account.time_zone if account else "UTC",
        "at": given.at,
        "question": readable(given.question, names_in(uow, house, given.question)),
        "link": link,
    }


# --- what staff decide ----------------------------------------------------------------------------


def recall_view(uow: UnitOfWork, house: House, press: ButtonPressed) -> Block:
    """The correction as it will be posted. Raises `NotAllowed`."""
    recall, given = _open_recall(uow, house, press.value, press.user, press.team, press.channel)
    found = _now_said(house, given)
    return house.content.templates.modal(
        FORM,
        house.staff_language,
        found=found,
        thread=_thread(uow, house, recall),
        opened_with={"recall": press.value, "channel": press.channel},
    )


def recall_problems(uow: UnitOfWork, house: House, form: FormSubmitted) -> dict[str, str]:
    """Shown beside the note, the modal's only field."""
    try:
        _, given = _open_recall(
            uow,
            house,
            form.context.get("recall", ""),
            form.user,
            form.team,
            form.context.get("channel", ""),
        )
        _now_said(house, given)
    except NotAllowed as error:
        return {
            "note": str(house.content.words.say(house.staff_language, error.reason, **error.words))
        }
    return {}


def post_correction(
    uow: UnitOfWork, house: House, posting: Posting, form: FormSubmitted, actor: Actor
) -> str:
    """Owe the customer's thread what the documentation says by now. Raises `NotAllowed`."""
    recall, given = _open_recall(
        uow,
        house,
        form.context.get("recall", ""),
        form.user,
        form.team,
        form.context.get("channel", ""),
    )
    found = _now_said(house, given)
    account = uow.accounts.get(given.account_id or 0)
    linked = uow.accounts.of_channel(given.channel)
    if linked is None and account is not None:  # a DM: the account is the one that was answered
        linked = next(
            (
                one
                for row in uow.accounts.channels(account.id)
                if (one := uow.accounts.of_channel(row.channel))
            ),
            None,
        )
    if linked is None or linked.id != given.account_id:
        raise NotAllowed("not_now.recall_moved")
    Documents(
        uow,
        house,
        posting,
        channel=given.channel,
        thread=given.thread_ts,
        account=linked,
        language=language_of(given.language),
    ).correct(given, found, form.values.get("note", "").strip(), linked.time_zone)
    _settle(uow, house, posting, recall, "corrected", actor)
    return f"corrected answer {given.id}"


def not_needed(
    uow: UnitOfWork, house: House, posting: Posting, press: ButtonPressed, actor: Actor
) -> str:
    """Staff say that the answer is right all the same. Raises `NotAllowed`."""
    recall, given = _open_recall(uow, house, press.value, press.user, press.team, press.channel)
    _settle(uow, house, posting, recall, "not_needed", actor)
    return f"no correction of answer {given.id}"


def _settle(
    uow: UnitOfWork, house: House, posting: Posting, recall: AnswerRecall, state: str, actor: Actor
) -> None:
    uow.trail.did(state, subject=f"answer {recall.answer_id}", before={"state": recall.state},
                  after={"state": state})  # fmt: skip
    uow.recalls.settle(recall, state, actor.name)
    rendered = _notice(uow, house, uow.recalls.of_notice(recall.notice_key))
    posting.change(staff_home(uow, house), key_ref(recall.notice_key), rendered)


def _open_recall(
    uow: UnitOfWork, house: House, value: str, user: str, team: str, channel: str
) -> tuple[AnswerRecall, GivenAnswer]:
    require(role_in(uow, house, user, team, channel), Deed.WORK_ON_REQUESTS)
    recall = uow.recalls.get(int(value)) if value.isdigit() else None
    given = uow.answer(recall.answer_id) if recall else None
    if recall is None or given is None:
        raise NotAllowed("not_now.unknown_button")
    if recall.state not in OPEN:
        raise NotAllowed("not_now.recall_done", name=recall.actor_name)
    return recall, given


def _now_said(house: House, given: GivenAnswer) -> DocumentAnswer:
    """What answers the question by now. Raises `NotAllowed` when it is what was answered."""
    language = language_of(given.language)
    place = SectionPlace(language_of(given.source_language), given.path, given.anchor or None)
    found = house.answers.answer_from(place, given.question, language)
    if found.band == "answer" and [list(one) for one in found.rests_on] == given.rests_on:
        raise NotAllowed("not_now.recall_same")
    if found.band != "answer" or not found.text:
        found = house.answers.ask(given.question, language)
    return found
