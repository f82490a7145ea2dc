"""What staff do to a request: the table of states holds, and the first one wins."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlmodel import select

from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.requests import State, after
from bot.desk.roles import Role
from bot.desk.verbs import VERBS
from bot.service.attachments import Attachments
from bot.service.directory import Directory
from bot.service.forms import Forms
from bot.service.handling import Handling
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.posting import Posting
from bot.service.seeding import Seeding
from bot.service.speech import Actor, Said
from bot.service.staff import Staff
from bot.service.staff_actions import StaffActions
from bot.service.staff_forms import STAFF_FORMS
from bot.service.ticketing import Ticketing
from bot.storage.lanes import inbox_lanes
from bot.storage.tables import Outbox, RequestMessage, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, US, ScriptedSlack

MIKA = Actor("U1MIKA", "Mika Tan")
ARUN = Actor("U1ARUN", "Arun Patel")
ACTS: Mapping[str, Callable[[StaffActions], None]] = {
    "claim": lambda actions: actions.claim(),
    "take_over": lambda actions: actions.take_over(""),
    "assign": lambda actions: actions.assign(ARUN.user, "yours"),
    "wait": lambda actions: actions.wait(),
    "severity": lambda actions: actions.set_severity("S3"),
    "queue": lambda actions: actions.queue("sales"),
    "tag": lambda actions: actions.tag(add=["billing"]),
    "resolve": lambda actions: actions.resolve("done"),
    "close": lambda actions: actions.close("done"),
    "reopen": lambda actions: actions.reopen(),
    "approve": lambda actions: actions.approve(),
    "decline": lambda actions: actions.decline("no capacity"),
    "finish": lambda actions: actions.finish(),
}
DECIDED = {"approve": "submitted", "decline": "submitted", "finish": "approved"}
"""Verb of a process → the stage in which it is possible."""


@pytest.fixture
def desk(house: House) -> House:
    """The house with its colleagues known by name, and a guest of *Ours*."""
    with work(house.database, house.clock()) as uow:
        for actor in (MIKA, ARUN, Actor("U1GWEN", "Gwen Lind")):
            uow.accounts.remember_person(actor.user, US.team, actor.name, "en")
        uow.accounts.remember_person("U2LEO", "T2", "Leo Strand", "en")
        uow.accounts.saw("U1GWEN", "C1")
    return house


def process_at(verb: str) -> dict[str, Any]:
    """A request on which a verb of a process is possible, as far as its stage goes."""
    if verb not in DECIDED:
        return {}
    stage = DECIDED[verb]
    return {"intent": "request_poc", "queue": "sales", "fields": {"kind": "poc"}, "stage": stage}


def opened(house: House, state: State = "new", owner: str = "", **more: Any) -> int:
    """A request of *Ours* with its card; returns its id."""
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        values = {
            "queue": "support", "severity": "S2", "intent": "get_cluster_support", "fields": {},
            **more,
        }  # fmt: skip
        request = uow.requests.add(
            SupportRequest(
                account_id=account.id, origin=f"o{house.clock().timestamp()}", requester="U2LEO",
                requester_name="Leo Strand", channel="C1", thread_ts="1.0", state=state,
                summary="slow", language="en", staff_channel=STAFF, owner=owner,
                owner_name=owner, opened_at=house.clock(), updated_at=house.clock(), **values,
            )
        )  # fmt: skip
        posting = Posting(uow, house, f"opened:{request.id}")
        card = house.content.templates.message("say", "en", sentence="staff.help", words={})
        posting.message(STAFF, card, key=request.card, request_id=request.id)  # fmt: skip
        return request.id


def act(
    house: House, request_id: int, name: str, who: Actor = MIKA, role: Role = Role.STAFF
) -> StaffActions:
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, f"{name}:{who.user}:{house.clock().timestamp()}")
        actions = StaffActions(uow, house, posting, request_id, who, role)
        ACTS[name](actions)
        return actions


def told(house: House, channel: str) -> list[str]:
    with look(house.database, house.clock()) as uow:
        rows = uow.session.exec(select(Outbox).where(Outbox.channel == channel).order_by(Outbox.id))
        return [str(row.payload.get("text", "")) for row in rows]


def events(house: House, request_id: int) -> list[str]:
    with look(house.database, house.clock()) as uow:
        return [event.kind for event in uow.requests.history(request_id)]


def row(house: House, request_id: int) -> SupportRequest:
    with look(house.database, house.clock()) as uow:
        found = uow.requests.row(request_id)
        assert found is not None
        uow.session.expunge(found)
        return found


def _following(state: State, verb: str) -> State | None:
    try:
        return after(state, VERBS[verb].action, owned=False)
    except NotAllowed:
        return None


CELLS = [(state, verb) for state in get_args(State) for verb in ACTS]


def test_every_verb_that_is_no_words_is_tried() -> None:
    assert set(ACTS) == set(VERBS) - {"reply"}


@pytest.mark.parametrize(("state", "verb"), CELLS)
def test_a_verb_does_what_the_table_of_states_says(desk: House, state: State, verb: str) -> None:
    request_id = opened(desk, state, **process_at(verb))
    action = VERBS[verb].action
    customer, staff = len(told(desk, "C1")), len(told(desk, STAFF))
    following = _following(state, verb)
    if following is None:
        with pytest.raises(NotAllowed) as refused:
            act(desk, request_id, verb)
        assert refused.value.reason == f"not_now.{action}"
        assert row(desk, request_id).state == state
        assert events(desk, request_id) == []
        assert (len(told(desk, "C1")), len(told(desk, STAFF))) == (customer, staff)
        return
    act(desk, request_id, verb)
    assert row(desk, request_id).state == following
    assert events(desk, request_id) == [action]
    assert (len(told(desk, "C1")) > customer) == VERBS[verb].tells_customer
    assert len(told(desk, STAFF)) > staff


@pytest.mark.parametrize("verb", ACTS)
@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.STRANGER])
def test_only_staff_may(desk: House, verb: str, role: Role) -> None:
    request_id = opened(desk, "closed" if verb == "reopen" else "new", **process_at(verb))
    with pytest.raises(NotAllowed, match=r"not_allowed\.work_on_requests"):
        act(desk, request_id, verb, role=role)


# --- who has it ---------------------------------------------------------------------------------


def test_of_two_who_claim_the_first_has_it_and_the_second_is_told_who(desk: House) -> None:
    request_id = opened(desk)
    act(desk, request_id, "claim", MIKA)
    with pytest.raises(NotAllowed) as refused:
        act(desk, request_id, "claim", ARUN)
    assert refused.value.reason == "not_now.claimed_by_other"
    assert refused.value.words == {"owner": "Mika Tan"}
    assert row(desk, request_id).owner == MIKA.user
    assert events(desk, request_id) == ["claim"]


def test_two_who_claim_in_the_same_moment_are_one_after_the_other(desk: House) -> None:
    """Two workers handle the two presses: the row is locked, or the database has one writer."""
    request_id = opened(desk)
    start, refused = threading.Barrier(2), []

    def claim(who: Actor) -> None:
        start.wait(5)
        try:
            act(desk, request_id, "claim", who)
        except NotAllowed as error:
            refused.append(error.reason)

    threads = [threading.Thread(target=claim, args=(who,)) for who in (MIKA, ARUN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert refused == ["not_now.claimed_by_other"]
    assert events(desk, request_id) == ["claim"]


def test_taking_over_from_somebody_else_than_the_card_showed_is_refused(desk: House) -> None:
    request_id = opened(desk, "claimed", owner="U1SOMEBODY")
    with work(desk.database, desk.clock()) as uow:
        actions = StaffActions(uow, desk, Posting(uow, desk, "x"), request_id, MIKA, Role.STAFF)
        with pytest.raises(NotAllowed, match="claimed_by_other"):
            actions.take_over("U1EARLIER")
        actions.take_over("U1SOMEBODY")
    assert row(desk, request_id).owner == MIKA.user


@pytest.mark.parametrize(
    ("whom", "reason"),
    [
        ("U2LEO", "not_now.no_colleague"),
        ("U1GWEN", "not_now.no_colleague"),
        (US.user, "not_now.unknown_colleague"),
        ("U9NOBODY", "not_now.unknown_colleague"),
        ("", "not_now.unknown_colleague"),
    ],
)
def test_a_request_is_handed_to_colleagues_only(desk: House, whom: str, reason: str) -> None:
    request_id = opened(desk)
    with work(desk.database, desk.clock()) as uow:
        actions = StaffActions(uow, desk, Posting(uow, desk, "x"), request_id, MIKA, Role.STAFF)
        with pytest.raises(NotAllowed) as refused:
            actions.assign(whom)
    assert refused.value.reason == reason


def test_the_note_to_a_colleague_is_not_for_the_customer(desk: House) -> None:
    request_id = opened(desk)
    act(desk, request_id, "assign")
    assert any("yours" in text and f"<@{ARUN.user}>" in text for text in told(desk, STAFF))
    assert not any("yours" in text for text in told(desk, "C1"))


# --- where it belongs ---------------------------------------------------------------------------


def test_a_changed_queue_moves_the_card_and_leaves_a_pointer(desk: House) -> None:
    request_id = opened(desk)
    with work(desk.database, desk.clock()) as uow:
        uow.accounts.set_queue_channel("sales", "C0SALES")
        said = RequestMessage(
            request_id=request_id, account_id=1, channel="C1", ts="2.0", author="U2LEO",
            author_name="Leo Strand", side="customer", text="still slow", at=desk.clock(),
        )  # fmt: skip
        uow.requests.add_message(said)
    act(desk, request_id, "queue")
    moved = row(desk, request_id)
    assert (moved.queue, moved.staff_channel) == ("sales", "C0SALES")
    assert told(desk, STAFF)[-1].startswith("➡️ *SUP-1001* is now in <#C0SALES>")
    card, transcript, *_ = told(desk, "C0SALES")
    assert "SUP-1001" in card
    assert "still slow" in transcript
    with look(desk.database, desk.clock()) as uow:
        present = uow.outgoing.by_key(moved.card_key)
        assert present is not None
        assert present.channel == "C0SALES"


def test_the_promise_follows_the_queue(desk: House) -> None:
    request_id = opened(desk)
    act(desk, request_id, "severity")
    assert row(desk, request_id).respond_by is not None
    act(desk, request_id, "queue")
    assert row(desk, request_id).respond_by is None


def test_tags_are_added_once_and_removed(desk: House) -> None:
    request_id = opened(desk)
    for _ in range(2):
        act(desk, request_id, "tag")
    with work(desk.database, desk.clock()) as uow:
        actions = StaffActions(uow, desk, Posting(uow, desk, "x"), request_id, MIKA, Role.STAFF)
        actions.tag(add=["proxy"])
        assert actions.request.tags == ("billing", "proxy")
        actions.tag(remove=["billing", "never-there"])
        assert actions.request.tags == ("proxy",)


# --- forms left open ----------------------------------------------------------------------------


def form_of(house: House, request_id: int, name: str, **values: str) -> FormSubmitted:
    press = ButtonPressed(
        user=MIKA.user, team=US.team, action=f"form.{name}", value=str(request_id), channel=STAFF
    )
    view = Forms(house).view(press)
    seen = str(view["private_metadata"])
    return FormSubmitted(
        user=MIKA.user, team=US.team, form=name, view_id="V1", context=json.loads(seen),
        values=values,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meanwhile", "reason"),
    [
        ("assign", "claim", "Somebody changed the owner"),
        ("severity", "severity", "Somebody changed the severity to S3"),
        ("triage", "tag", "Somebody changed the queue or the tags"),
        ("triage", "queue", "Somebody changed the queue or the tags"),
        ("resolve", "close", "not open any more"),
        ("reply", "close", "not open any more"),
        ("close", "close", "closed already"),
    ],
)
def test_what_was_changed_meanwhile_is_said_in_the_form(
    desk: House, name: str, meanwhile: str, reason: str
) -> None:
    request_id = opened(desk)
    values = {
        "person": ARUN.user,
        "severity": "S1",
        "tags": "",
        "note": "x",
        "text": "x",
        "reason": "worse",
    }
    form = form_of(desk, request_id, name, **values)
    assert Forms(desk).problems(form) == {}
    act(desk, request_id, meanwhile, ARUN)
    problems = Forms(desk).problems(form)
    assert reason in problems[STAFF_FORMS[name]]


def test_a_form_whose_request_changed_in_the_last_moment_does_nothing_twice(desk: House) -> None:
    """It passed the check while somebody else's was being handled."""
    request_id = opened(desk)
    form = form_of(desk, request_id, "resolve", note="mine")
    act(desk, request_id, "resolve", ARUN)
    with work(desk.database, desk.clock()) as uow:
        staff = Staff(uow, desk, Posting(uow, desk, "x"))
        with pytest.raises(NotAllowed, match=r"not_now\.resolve"):
            staff.submit(form, MIKA, Role.STAFF)
    assert events(desk, request_id) == ["resolve"]
    assert not any("mine" in text for text in told(desk, "C1"))


def test_what_the_customer_wrote_in_the_last_moment_stops_the_resolving(desk: House) -> None:
    request_id = opened(desk)
    form = form_of(desk, request_id, "resolve", note="all done")
    assert Forms(desk).problems(form) == {}
    with work(desk.database, desk.clock()) as uow:
        request = uow.requests.get(request_id)
        assert request is not None
        said = Said("7.0", "U2INES", "Ines Falk", "not yet!")
        Ticketing(uow, desk, Posting(uow, desk, "w")).mirror.customer_said(request, said, "C1")
    with work(desk.database, desk.clock()) as uow:
        staff = Staff(uow, desk, Posting(uow, desk, "x"))
        with pytest.raises(NotAllowed, match=r"not_now\.changed\.resolve") as refused:
            staff.submit(form, MIKA, Role.STAFF)
    assert refused.value.words["name"] == "Ines Falk"
    assert row(desk, request_id).state == "new"


def test_words_typed_into_a_form_that_is_refused_come_back_to_the_writer(
    desk: House, slack: ScriptedSlack
) -> None:
    request_id = opened(desk)
    form = form_of(desk, request_id, "resolve", note="please <try> again")
    Intake(desk).save(form, "V1")
    lanes = inbox_lanes(desk.database)
    handling = Handling(
        desk, Directory(desk, slack), Attachments(slack), Seeding(desk, slack), lanes
    )
    claimed = lanes.claim(desk.clock(), timedelta(seconds=30))
    assert claimed is not None
    act(desk, request_id, "close", ARUN)
    handling.handle(claimed)
    with look(desk.database, desk.clock()) as uow:
        rows = uow.session.exec(select(Outbox).where(Outbox.method == "chat.postEphemeral"))
        whispers = [one for one in rows if one.payload["user"] == MIKA.user]
    assert "please &lt;try&gt; again" in str(whispers[-1].payload["blocks"])


@pytest.mark.parametrize("channel", ["C0OTHER", "C1", ""])
def test_a_card_is_worked_on_in_its_own_channel(desk: House, channel: str) -> None:
    request_id = opened(desk)
    press = ButtonPressed(
        user=MIKA.user, team=US.team, action="do.claim", value=str(request_id), channel=channel
    )
    with work(desk.database, desk.clock()) as uow:
        staff = Staff(uow, desk, Posting(uow, desk, "x"))
        with pytest.raises(NotAllowed, match="no_such_request"):
            staff.press(press, MIKA, Role.STAFF)
