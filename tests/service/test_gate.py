"""Whatever made an entry: what a customer's channel must not see stops at the gate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from bot.content.templates import Rendered
from bot.service.delivery import Delivery
from bot.service.gate import refusal
from bot.service.house import House
from bot.service.pacing import Pacing
from bot.service.posting import COPY, Posting, key_ref
from bot.storage.lanes import outbox_lanes
from bot.storage.tables import GivenAnswer, Outbox, RequestMessage, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, Clock, ScriptedSlack

OURS, THEIRS = 1, 2
NEIGHBOUR = "Quillfern Freight"
WORDS = Rendered("Good morning", [])


@pytest.fixture
def neighbour(house: House) -> str:
    """A third customer, whose name nobody else has a reason to read."""
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.add(NEIGHBOUR, "standard", "UTC", "en")
        uow.accounts.link("C3", account.id or 0)
    return NEIGHBOUR


def verdict(house: House, **columns: Any) -> str:
    now = house.clock()
    row = Outbox(
        **{
            "key": "k", "lane": "l", "method": "chat.postMessage", "channel": "C1",
            "account_id": OURS, "payload": {"text": "Good morning"}, "available_at": now,
            "created_at": now, **columns,
        }
    )  # fmt: skip
    with look(house.database, now) as uow:
        return refusal(uow, house, row)


def a_request(house: House, summary: str = "It is slow", **message: Any) -> RequestMessage:
    """A request of *Ours* with one message, whose copy is the entry `copy`."""
    now = house.clock()
    with work(house.database, now) as uow:
        request = SupportRequest(
            account_id=OURS, origin="o", requester="U1", requester_name="Leo", channel="C1",
            thread_ts="1.0", intent="help", queue="support", severity="S3", state="open",
            summary=summary, fields={}, language="en", staff_channel=STAFF, opened_at=now,
            updated_at=now,
        )  # fmt: skip
        uow.session.add(request)
        uow.session.flush()
        kept = RequestMessage(
            **{
                "request_id": request.id, "account_id": OURS, "channel": STAFF, "ts": "2.0",
                "author": "U9", "author_name": "Mika", "side": "staff", "text": "Hello", "at": now,
                **message,
            }
        )  # fmt: skip
        uow.session.add(kept)
        uow.session.flush()
        uow.copies.add(kept, "copy", "text")
    return kept


# --- in which workspace ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.delete", "reactions.add", COPY])
def test_an_entry_goes_only_into_a_channel_of_its_workspace(house: House, method: str) -> None:
    several = replace(house, several=True)
    with work(house.database, house.clock()) as uow:
        uow.workspaces.saw("C1", "T0THEM", house.identity.team)
        uow.workspaces.saw("C2", house.identity.team, house.identity.team)
    assert verdict(several, method=method, team="T0THEM") == ""
    assert "is in workspace T0THEM, not in T0OTHER" in verdict(
        several, method=method, team="T0OTHER"
    )
    elsewhere = verdict(several, method=method, channel="C2", account_id=THEIRS, team="T0THEM")
    assert elsewhere == f"channel C2 is in workspace {house.identity.team}, not in T0THEM"
    assert "is in workspace" in verdict(several, method=method, channel=STAFF, team="T0THEM")


# --- whose channel ------------------------------------------------------------------------------

METHODS = ("chat.postMessage", "chat.update", "chat.postEphemeral", COPY)


@pytest.mark.parametrize("method", METHODS)
def test_words_for_an_account_go_into_its_channels(house: House, method: str) -> None:
    assert verdict(house, method=method) == ""


@pytest.mark.parametrize("method", [*METHODS, "pins.add", "chat.delete", "reactions.add"])
def test_nothing_for_an_account_goes_into_another_ones_channel(house: House, method: str) -> None:
    assert "not linked to account 2" in verdict(house, method=method, account_id=THEIRS)
    assert "not linked to account 1" in verdict(house, method=method, channel="C9")


@pytest.mark.parametrize("method", METHODS)
def test_words_for_no_account_do_not_reach_a_customer(house: House, method: str) -> None:
    assert "words for no account" in verdict(house, method=method, account_id=None)
    assert verdict(house, method=method, account_id=None, channel=STAFF) == ""


@pytest.mark.parametrize("method", ["reactions.add", "reactions.remove", "pins.add", "chat.delete"])
def test_what_has_no_words_needs_no_account(house: House, method: str) -> None:
    assert verdict(house, method=method, account_id=None, payload={"name": "eyes"}) == ""


# --- notes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [{"internal": True}, {"text": "Done\n// they never pay"}, {"text": "🔒 they never pay"}],
    ids=["note", "line", "lock"],
)
def test_a_note_of_staff_is_never_shown(house: House, message: dict[str, Any]) -> None:
    a_request(house, **message)
    assert verdict(house, key="copy", request_id=1) == "it shows an internal note"
    update = {"method": "chat.update", "key": "u", "target": key_ref("copy")}
    assert verdict(house, **update, request_id=1) == "it shows an internal note"
    # Taking it away is what has to go through.
    assert verdict(house, **{**update, "method": "chat.delete"}) == ""


def test_what_a_customer_writes_is_no_note_of_staff(house: House) -> None:
    a_request(house, side="customer", text="// a comment in our code 🔒")
    assert verdict(house, key="copy", request_id=1) == ""


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        {"text": f"As we did for {NEIGHBOUR}."},
        {"text": "", "blocks": [{"text": {"type": "mrkdwn", "text": f"*{NEIGHBOUR}*"}}]},
        {"text": f"{NEIGHBOUR}の件と同じです"},
        {"name": f"Invoice {NEIGHBOUR}.pdf", "speaker": "Mika"},
    ],
    ids=["text", "block", "japanese", "file"],
)
@pytest.mark.parametrize("method", METHODS)
def test_another_accounts_name_stops_the_message(
    house: House, neighbour: str, method: str, payload: dict[str, Any]
) -> None:
    assert (
        verdict(house, method=method, payload=payload) == f"it names another account: {neighbour}"
    )
    assert verdict(house, method=method, payload=payload, channel="D1") != ""
    assert verdict(house, method=method, payload=payload, channel="C3", account_id=3) == ""


@pytest.mark.parametrize(
    "text", [f"Neo{NEIGHBOUR}ers", NEIGHBOUR.lower(), NEIGHBOUR.split()[0]], ids=str
)
def test_a_longer_word_another_case_and_half_a_name_are_no_name(
    house: House, neighbour: str, text: str
) -> None:
    assert verdict(house, payload={"text": text}) == ""


@pytest.mark.parametrize(
    ("name", "stopped"), [("Oak", False), ("Oaks", True), ("東屋", False), ("東屋堂", True)]
)
def test_very_short_names_are_words_of_every_day(house: House, name: str, stopped: bool) -> None:
    with work(house.database, house.clock()) as uow:
        uow.accounts.add(name, "standard", "UTC", "en")
    assert bool(verdict(house, payload={"text": f"a {name} b"})) == stopped


def test_a_name_in_our_own_sentences_is_no_secret(house: House) -> None:
    with work(house.database, house.clock()) as uow:
        uow.accounts.add("Support", "standard", "UTC", "en")
    assert verdict(house, payload={"text": "Support plan: standard"}) == ""


def test_a_name_within_ones_own_is_ones_own(house: House) -> None:
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.add("Quillfern Freight Asia", "standard", "UTC", "en")
        uow.accounts.link("C4", account.id or 0)
        uow.accounts.add(NEIGHBOUR, "standard", "UTC", "en")
    own = {"channel": "C4", "account_id": account.id}
    assert verdict(house, payload={"text": "Requests of Quillfern Freight Asia"}, **own) == ""
    assert verdict(house, payload={"text": f"Requests of {NEIGHBOUR}"}, **own) != ""


def test_a_name_that_the_customer_brought_up_may_be_said_in_that_request(
    house: House, neighbour: str
) -> None:
    a_request(house, summary=f"We bought {neighbour}, move their clusters")
    payload = {"text": f"The clusters of {neighbour} are moved"}
    assert verdict(house, payload=payload, request_id=1) == ""
    assert verdict(house, payload=payload, channel="C2", account_id=THEIRS, request_id=1) != ""


def test_staff_do_not_make_a_name_known(house: House, neighbour: str) -> None:
    a_request(house, text=f"As with {neighbour}")
    payload = {"text": f"As with {neighbour}"}
    assert verdict(house, payload=payload, key="copy", request_id=1) != ""


def test_the_documentation_is_public(house: House, neighbour: str) -> None:
    now = house.clock()
    with work(house.database, now) as uow:
        uow.add_answer(
            GivenAnswer(
                account_id=OURS, channel="C1", thread_ts="1.0", band="sure", question="?",
                language="en", posted_key="answer", at=now,
            )
        )  # fmt: skip
    payload = {"text": f"How {neighbour} loads data"}
    assert verdict(house, payload=payload, key="answer") == ""
    assert verdict(house, payload=payload, key="other") != ""


# --- what becomes of it -------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["message", "change", "whisper", "file"])
def test_what_is_refused_is_not_sent_and_staff_hear_why(
    house: House, slack: ScriptedSlack, clock: Clock, neighbour: str, way: str
) -> None:
    told = Rendered(f"As with {neighbour}", [])
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, "test")
        match way:
            case "message":
                posting.message("C1", told, account_id=OURS)
            case "change":
                posting.change("C1", "5.0", told, account_id=OURS)
            case "whisper":
                posting.whisper("C1", "U1", told, account_id=OURS)
            case _:
                posting.file(
                    "C1", {"name": told.text}, thread="1.0", key="f", account_id=OURS, request_id=1
                )
    delivery = Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))
    while delivery.send_next():
        pass
    assert [m["channel"] for m in slack.posted] == [STAFF]
    assert neighbour in slack.posted[0]["text"]
    assert all(arguments.get("channel") == STAFF for _, arguments in slack.calls)
    with house.database.reading() as session:
        refused = session.exec(select(Outbox).where(Outbox.channel == "C1")).one()
    assert (refused.state, refused.error) == ("dead", f"it names another account: {neighbour}")
