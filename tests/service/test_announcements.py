"""An announcement reaches each chosen channel once, however often somebody presses Send."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import GiveUp, NotAllowed, TryLater
from bot.desk.roles import Role
from bot.service.announcements import Announcing
from bot.service.delivery import Delivery
from bot.service.house import House
from bot.service.pacing import Pacing
from bot.service.posting import Posting
from bot.service.rings import RINGS
from bot.service.speech import Actor
from bot.service.timekeeping import Timekeeper
from bot.storage.lanes import outbox_lanes
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, US, Clock, ScriptedSlack

MIKA = Actor("U1MIKA", "Mika Tan")


def draft(house: House, role: Role = Role.ADMIN, **values: str) -> None:
    form = FormSubmitted(
        user=MIKA.user, team=US.team, form="announce", view_id="V1", context={"channel": STAFF},
        values=values,
    )  # fmt: skip
    with work(house.database, house.clock()) as uow:
        Announcing(uow, house, Posting(uow, house, "draft"), MIKA, role).draft(form)


def press(house: House, what: str, source: str = "in1", channel: str = STAFF) -> None:
    pressed = ButtonPressed(
        user=MIKA.user, action=f"do.announce:{what}", value="1", channel=channel
    )
    with work(house.database, house.clock()) as uow:
        Announcing(uow, house, Posting(uow, house, source), MIKA, Role.ADMIN).press(pressed)


def posted(house: House, channel: str) -> list[str]:
    with look(house.database, house.clock()) as uow:
        rows = uow.session.exec(select(Outbox).where(Outbox.channel == channel).order_by(Outbox.id))
        return [row.payload["text"] for row in rows]


def test_each_chosen_channel_gets_it_once(house: House) -> None:
    draft(house, text_en="Maintenance", plans="everybody", channels="C1")
    assert posted(house, "C1") == []
    press(house, "send")
    for source in ("in2", "in3"):
        with pytest.raises(NotAllowed) as refused:
            press(house, "send", source)
        assert refused.value.reason == "announce.decided"
    for channel in ("C1", "C2"):
        assert len(posted(house, channel)) == 1
        assert "Maintenance" in posted(house, channel)[0]


def test_a_cancelled_one_is_never_sent(house: House) -> None:
    draft(house, text_en="Maintenance", channels="C1")
    press(house, "cancel")
    with pytest.raises(NotAllowed, match="decided"):
        press(house, "send", "in2")
    assert posted(house, "C1") == []


def test_a_channel_unlinked_in_between_is_left_out_and_told(house: House) -> None:
    draft(house, text_en="Maintenance", plans="standard")
    with work(house.database, house.clock()) as uow:
        uow.accounts.unlink("C2")
    press(house, "send")
    assert (len(posted(house, "C1")), posted(house, "C2")) == (1, [])
    assert "On its way to *1* channels" in posted(house, STAFF)[-1]


def test_a_channel_whose_id_changed_in_between_still_gets_it(house: House) -> None:
    draft(house, text_en="Maintenance", channels="C1")
    with work(house.database, house.clock()) as uow:
        uow.moves.follow("C1", "C1NEW")
    press(house, "send")
    assert len(posted(house, "C1NEW")) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"plans": "everybody"}, "announce.no_text"),
        ({"text_ja": "x"}, "announce.nobody_chosen"),
        ({"text_ja": "x", "plans": "premium"}, "announce.nobody_there"),
        ({"text_ja": "x", "channels": "C1,C9"}, "announce.not_linked"),
    ],
)
def test_what_is_missing_is_named(house: House, values: dict[str, str], reason: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        draft(house, **values)
    assert refused.value.reason == reason


@pytest.mark.parametrize("role", [Role.STAFF, Role.CUSTOMER, Role.STRANGER])
def test_only_admins_announce(house: House, role: Role) -> None:
    with pytest.raises(NotAllowed, match=r"not_allowed\.announce"):
        draft(house, role, text_en="x", plans="everybody")


def test_it_is_decided_where_it_was_shown(house: House) -> None:
    draft(house, text_en="Maintenance", channels="C1")
    with pytest.raises(NotAllowed, match="unknown_button"):
        press(house, "send", channel="C1")


def shown(slack: ScriptedSlack) -> str:
    """Staff's message as it was changed last."""
    return [str(values["text"]) for method, values in slack.calls if method == "chat.update"][-1]


def time_passes(house: House, slack: ScriptedSlack, clock: Clock, seconds: float) -> None:
    delivery = Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))
    keeper = Timekeeper(house, RINGS)
    for _ in range(round(seconds)):
        clock.forward(1)
        while (due := keeper.next()) is not None:
            keeper.ring(due)
        while delivery.send_next():
            pass


def test_what_was_delivered_and_what_was_not_is_told_once_it_is_known(
    house: House, slack: ScriptedSlack, clock: Clock
) -> None:
    draft(house, text_en="Maintenance", plans="everybody")
    time_passes(house, slack, clock, 1)
    press(house, "send")
    slack.next_outcomes = [None, GiveUp("chat.postMessage: is_archived")]
    time_passes(house, slack, clock, 1)
    assert "On its way to *2* channels: *0* have it so far." in shown(slack)
    time_passes(house, slack, clock, 5)
    assert "Delivered to *1* of *2* channels." in shown(slack)
    assert "Not delivered to *1*:" in shown(slack)
    assert "<#C2> Theirs – chat.postMessage: is_archived" in shown(slack)
    changes = len(slack.calls)
    time_passes(house, slack, clock, 60)
    assert len(slack.calls) == changes


def test_while_slack_is_away_staff_are_not_told_that_it_arrived(
    house: House, slack: ScriptedSlack, clock: Clock
) -> None:
    draft(house, text_en="Maintenance", plans="everybody")
    time_passes(house, slack, clock, 1)
    press(house, "send")
    slack.next_outcomes = [None, TryLater("chat.postMessage: away", 30.0)]
    time_passes(house, slack, clock, 8)
    assert "On its way to *2* channels: *1* have it so far." in shown(slack)
    time_passes(house, slack, clock, 90)
    assert "Delivered to *2* of *2* channels." in shown(slack)
    assert "Not delivered" not in shown(slack)
