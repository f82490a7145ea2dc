"""Answers and what a sync does to them, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.content.folder import Content
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.meaning import Language
from bot.service import recalls
from bot.service.documents import Documents
from bot.service.gaps import find_gaps
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.speech import Actor
from bot.storage.database import Database
from bot.storage.tables import AnswerRecall, GivenAnswer, Outbox
from bot.storage.unit_of_work import look, work
from tests.storage.test_importing import Desk
from tests.support.doc_trees import LAMP, TREE
from tests.support.house import STAFF, US, Clock, house_of_two

MIKA = Actor("U0MIKA", "Mika Tan")
NEW = {**TREE, "en/lamp.md": LAMP.replace("four litres", "six litres")}
GONE = {**TREE, "en/lamp.md": LAMP.partition("## Fill")[0]}


class Room(Desk):
    """A desk with two customers, whose bot answers from what was imported."""

    def __init__(self, database: Database, folder: Path, content: Content, clock: Clock) -> None:
        Desk.__init__(self, database, folder)
        self.time = clock
        self.sync()
        house = house_of_two(database, content, clock)
        self.answers = self.served()
        self.house = House(
            **{
                name: getattr(house, name)
                for name in house.__slots__
                if name not in ("answers", "arrived", "owed")
            },
            answers=self.answers,
        )
        with work(database, clock()) as uow:
            uow.accounts.remember_person(MIKA.user, US.team, MIKA.name, "en")

    def clock(self) -> Any:
        return self.time()

    def answer(
        self, channel: str = "C1", question: str = "how do I fill the reservoir?", ts: str = "1.0"
    ) -> int:
        with work(self.database, self.time()) as uow:
            account = uow.accounts.of_channel(channel)
            language: Language = "en"
            posting = Posting(uow, self.house, f"test:{channel}:{ts}")
            documents = Documents(
                uow, self.house, posting, channel=channel, thread=ts, account=account,
                language=language,
            )  # fmt: skip
            found = documents.answer(question)
            assert found.band == "answer", found
            row = uow.session.exec(select(GivenAnswer).order_by(GivenAnswer.id.desc())).first()  # type: ignore[union-attr]
            assert row is not None
            return row.id or 0

    def change(self, files: Any = NEW) -> int:
        recalled = self.sync(files).recalled
        self.answers.refresh()
        return recalled

    def tell(self) -> None:
        recalls.tell_of_recalls(self.house)

    def rows(self, table: type[Any]) -> Any:
        with self.database.reading() as session:
            return session.exec(select(table).order_by(table.id)).all()

    def posted(self, channel: str, method: str = "chat.postMessage") -> list[Outbox]:
        return [r for r in self.rows(Outbox) if (r.channel, r.method) == (channel, method)]

    def submit(self, recall: AnswerRecall, note: str = "") -> str:
        form = FormSubmitted(
            user=MIKA.user, team=US.team, form=recalls.FORM, view_id="V1", name=MIKA.name,
            context={"recall": str(recall.id), "channel": STAFF}, values={"note": note},
        )  # fmt: skip
        with look(self.database, self.time()) as uow:
            problems = recalls.recall_problems(uow, self.house, form)
        if problems:
            return problems["note"]
        with work(self.database, self.time()) as uow:
            posting = Posting(uow, self.house, f"form:{recall.id}")
            return recalls.post_correction(uow, self.house, posting, form, MIKA)

    def dismiss(self, recall: AnswerRecall) -> str:
        press = ButtonPressed(
            user=MIKA.user, team=US.team, action=recalls.NOT_NEEDED, value=str(recall.id),
            channel=STAFF,
        )  # fmt: skip
        with work(self.database, self.time()) as uow:
            posting = Posting(uow, self.house, f"press:{recall.id}:{self.time().timestamp()}")
            return recalls.not_needed(uow, self.house, posting, press, MIKA)


@pytest.fixture
def room(database: Database, tmp_path: Path, content: Content, clock: Clock) -> Iterator[Room]:
    return Room(database, tmp_path, content, clock)


def test_an_answer_remembers_what_it_rests_on(room: Room) -> None:
    room.answer()
    (given,) = room.rows(GivenAnswer)
    assert (given.source_language, given.path, given.anchor) == (
        "en", "lamp.md", "fill-the-reservoir"
    )  # fmt: skip
    assert given.rests_on == [["fill-the-reservoir", given.content_hash]]
    assert given.posted_key == "test:C1:1.0:1"


def test_only_answers_from_the_changed_section_are_recalled(room: Room) -> None:
    given = room.answer()
    room.answer("C2", "what rhythm does the fog horn have?", "2.0")
    assert room.change() == 1
    (recall,) = room.rows(AnswerRecall)
    assert (recall.answer_id, recall.version, recall.kind) == (given, 2, "changed")
    assert (recall.title, recall.section) == ("Light the Lamp", "Fill the reservoir")


def test_staff_are_told_once_however_many_replicas_look(room: Room) -> None:
    room.answer("C1")
    room.answer("C2")
    room.change()
    room.tell()
    room.tell()
    (notice,) = room.posted(STAFF)
    assert "Light the Lamp › Fill the reservoir" in notice.payload["text"]
    shown = str(notice.payload["blocks"])
    assert "Ours" in shown
    assert "Theirs" in shown
    assert shown.count("form.recall") == 2
    assert {recall.state for recall in room.rows(AnswerRecall)} == {"told"}


def test_a_removed_page_is_told_as_removed(room: Room) -> None:
    room.answer()
    assert room.change({"en/signals/fog.md": TREE["en/signals/fog.md"]}) == 1
    room.tell()
    (recall,) = room.rows(AnswerRecall)
    assert recall.kind == "removed"
    assert "no longer has" in room.posted(STAFF)[0].payload["text"]


def test_a_page_that_cannot_be_read_recalls_nothing(room: Room) -> None:
    room.answer()
    assert room.change({**TREE, "en/lamp.md": b"\xff\xfe"}) == 0


def test_a_correction_goes_into_the_thread_of_the_account_and_counts_as_an_answer(
    room: Room,
) -> None:
    room.answer()
    room.change()
    room.tell()
    (recall,) = room.rows(AnswerRecall)
    assert (
        room.submit(recall, "Sorry for that <!channel>.") == f"corrected answer {recall.answer_id}"
    )
    correction = room.posted("C1")[-1]
    assert (correction.thread, correction.account_id) == ("1.0", 1) or correction.account_id
    assert "six litres" in correction.payload["text"]
    assert "*Correction.*" in correction.payload["text"]
    assert "<!channel>" not in correction.payload["text"]
    (changed,) = room.posted(STAFF, "chat.update")
    assert "Mika Tan posted a correction" in str(changed.payload["blocks"])
    assert len(room.rows(GivenAnswer)) == 2
    assert "Mika Tan has taken care" in room.submit(recall)
    # From now on it is the correction that would have to be corrected.
    assert room.change({**TREE, "en/lamp.md": LAMP.replace("four litres", "nine litres")}) == 1
    assert room.rows(AnswerRecall)[-1].answer_id != recall.answer_id


def test_what_is_gone_is_said_to_be_gone(room: Room) -> None:
    room.answer()
    room.change(GONE)
    room.tell()
    (recall,) = room.rows(AnswerRecall)
    room.submit(recall)
    text = room.posted("C1")[-1].payload["text"]
    assert "no longer in the documentation" in text


def test_not_needed_holds_for_this_change_and_not_for_the_next(room: Room) -> None:
    room.answer()
    room.change()
    room.tell()
    (recall,) = room.rows(AnswerRecall)
    room.dismiss(recall)
    with pytest.raises(NotAllowed, match="recall_done"):
        room.dismiss(recall)
    elsewhere = {**NEW, "en/lamp.md": str(NEW["en/lamp.md"]).replace("turn the wick", "draw it")}
    assert room.change(elsewhere) == 0
    assert room.change({**TREE, "en/lamp.md": LAMP.replace("four litres", "nine litres")}) == 1


def test_a_second_change_before_staff_decided_is_no_second_message(room: Room) -> None:
    room.answer()
    room.change()
    room.tell()
    assert room.change({**TREE, "en/lamp.md": LAMP.replace("four litres", "nine litres")}) == 0
    (recall,) = room.rows(AnswerRecall)
    room.submit(recall)
    assert "nine litres" in room.posted("C1")[-1].payload["text"]


def test_a_change_that_was_taken_back_needs_no_correction(room: Room) -> None:
    room.answer()
    room.change()
    room.tell()
    room.change(TREE)
    (recall,) = room.rows(AnswerRecall)
    assert "says again what was answered" in room.submit(recall)


def test_customers_cannot_post_corrections(room: Room) -> None:
    room.answer()
    room.change()
    room.tell()
    (recall,) = room.rows(AnswerRecall)
    press = ButtonPressed(
        user="U0LEO", team="T0THEM", action="form.recall", value=str(recall.id), channel="C1"
    )
    with look(room.database, room.time()) as uow, pytest.raises(NotAllowed):
        recalls.recall_view(uow, room.house, press)


def test_a_channel_that_belongs_to_somebody_else_by_now_gets_no_correction(room: Room) -> None:
    room.answer()
    room.change()
    room.tell()
    with work(room.database, room.time()) as uow:
        theirs = uow.accounts.of_channel("C2")
        assert theirs is not None
        uow.accounts.link("C1", theirs.id)
    (recall,) = room.rows(AnswerRecall)
    with pytest.raises(NotAllowed, match="recall_moved"):
        room.submit(recall)


def test_a_suggestion_pressed_after_a_sync_still_means_its_section(room: Room) -> None:
    with work(room.database, room.time()) as uow:
        given = GivenAnswer(
            account_id=1, channel="C1", thread_ts="3.0", band="suggest", question="lamp or horn?",
            language="en", at=room.time(),
            choices=[["en", "signals/fog.md", "choose-the-rhythm"], ["en", "lamp.md", "gone"]],
        )  # fmt: skip
        uow.add_answer(given)
    room.change({**TREE, "en/a.md": "# Lamp or horn?\n\nBoth.\n"})
    for position in (0, 1, 2):
        with work(room.database, room.time()) as uow:
            posting = Posting(uow, room.house, f"press:{position}")
            Documents(
                uow, room.house, posting, channel="C1", thread="3.0",
                account=uow.accounts.of_channel("C1"), language="en",
            ).show_choice(given, position)  # fmt: skip
    texts = [row.payload["text"] for row in room.posted("C1")]
    assert "Two long blasts" in texts[0]
    assert ["could not find" in text for text in texts] == [False, True, True]


def test_gaps_are_what_was_not_answered_not_chosen_or_not_helpful(room: Room) -> None:
    room.answer()
    rows = [
        ("Which paint for the tower?", "unknown", "", "5.0"),
        ("Which paint for the tower door?", "unknown", "", "6.0"),
        ("lamp or horn?", "suggest", "", "7.0"),
        ("lamp or horn?", "answer", "yes", "7.0"),
        ("How loud is the horn?", "answer", "no", "8.0"),
        ("Old one?", "unknown", "", "9.0"),
    ]
    with work(room.database, room.time()) as uow:
        for question, band, vote, ts in rows:
            at = room.time() if question != "Old one?" else room.time().replace(year=2020)
            uow.add_answer(
                GivenAnswer(
                    account_id=1, channel="C1", thread_ts=ts, band=band, question=question,
                    language="en", vote=vote, at=at,
                )
            )  # fmt: skip
    with look(room.database, room.time()) as uow:
        found = find_gaps(uow, room.answers, room.time().replace(year=2025))
    assert [(gap.count, gap.kind) for gap in found] == [(2, "missing"), (1, "wrong")]
