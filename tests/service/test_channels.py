"""Channels change under the bot: nothing is lost, and staff hear what they must decide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.content.templates import Rendered
from bot.desk.arrivals import ChannelIdChanged, ChannelUnarchived, FormSubmitted, MessagePosted
from bot.desk.errors import TryLater
from bot.service.attachments import Attachments
from bot.service.channels import channel_moved, channel_unarchived
from bot.service.delivery import Delivery
from bot.service.directory import Directory
from bot.service.handling import Handling
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.pacing import Pacing
from bot.service.posting import Posting
from bot.service.present_channels import at_present
from bot.service.rings import RINGS
from bot.service.seeding import Seeding
from bot.service.timekeeping import Timekeeper
from bot.storage.lanes import inbox_lanes, outbox_lanes
from bot.storage.tables import Inbox, Outbox
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, Clock, ScriptedSlack


@pytest.fixture
def delivery(house: House, slack: ScriptedSlack, clock: Clock) -> Delivery:
    return Delivery(house, slack, outbox_lanes(house.database), Pacing(clock.seconds))


def move(house: House, old: str = "C1", new: str = "C9") -> str:
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, f"moved:{old}:{new}")
        return channel_moved(uow, house, posting, ChannelIdChanged(user="", old=old, new=new))


def owe(house: House, text: str, channel: str = "C1") -> None:
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel(channel)
        Posting(uow, house, "test").message(
            channel, Rendered(text, []), key=text, account_id=account.id if account else None
        )


def link(house: House, channel: str, name: str) -> None:
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.by_name(name)
        assert account is not None
        uow.accounts.link(channel, account.id or 0)


def told(house: House) -> list[str]:
    with look(house.database, house.clock()) as uow:
        query = select(Outbox).where(Outbox.channel == STAFF).order_by(Outbox.id)
        return [str(row.payload.get("text", "")) for row in uow.session.exec(query)]


def whose(house: House, channel: str) -> str:
    with look(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel(channel)
        return account.name if account else ""


def test_a_message_that_is_being_sent_goes_to_the_new_id(
    house: House, slack: ScriptedSlack, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(house, "hello")
    claim = delivery._lanes.claim

    def claimed_just_before(now: object, lease: timedelta) -> Outbox | None:
        row = claim(now, lease)  # type: ignore[arg-type]
        move(house)
        return row

    monkeypatch.setattr(delivery._lanes, "claim", claimed_just_before)
    delivery.send_next()
    assert [(one["channel"], one["text"]) for one in slack.posted] == [("C9", "hello")]
    with look(house.database, house.clock()) as uow:
        entry = uow.outgoing.by_key("hello")
        assert entry is not None
        assert (entry.channel, entry.state) == ("C9", "sent")


def test_events_forms_and_redelivered_messages_with_the_old_id_mean_the_new_one(
    house: House,
) -> None:
    move(house)
    intake = Intake(house)
    message = MessagePosted(user="U2LEO", channel="C1", ts="1.0", text="hello")
    assert intake.save(message, "Ev1")
    as_new = MessagePosted(user="U2LEO", channel="C9", ts="1.0", text="hello")
    assert not intake.save(as_new, "past:C9:1.0")
    form = FormSubmitted(
        user="U2LEO",
        form="announce",
        view_id="V1",
        context={"account_channel": "C1", "language": "en"},
        values={"channels": "C1,C2", "description": "not C1, a word"},
    )
    with look(house.database, house.clock()) as uow:
        present = at_present(uow, form)
    assert present.context == {"account_channel": "C9", "language": "en"}
    assert present.values == {"channels": "C9,C2", "description": "not C1, a word"}


def test_a_message_in_the_new_id_waits_for_the_change_and_comes_in_again_if_it_came_late(
    house: House, slack: ScriptedSlack
) -> None:
    lanes = inbox_lanes(house.database)
    handling = Handling(
        house, Directory(house, slack), Attachments(slack), Seeding(house, slack), lanes
    )
    intake = Intake(house)
    early = MessagePosted(user="U2LEO", team="T1", channel="C9", ts="1.0", text="hello")
    intake.save(early, "Ev1")
    row = lanes.claim(house.clock(), timedelta(seconds=30))
    assert row is not None
    handling.handle(row)
    intake.save(ChannelIdChanged(user="", old="C1", new="C9"), "Ev2")
    intake.save(MessagePosted(user="U2LEO", team="T1", channel="C9", ts="2.0", text="hi"), "Ev3")
    # The change has the lane of the old id, so the message may be looked at first.
    change = lanes.claim(house.clock(), timedelta(seconds=30))
    message = lanes.claim(house.clock(), timedelta(seconds=30))
    assert change is not None
    assert message is not None
    with pytest.raises(TryLater):
        handling.handle(message)
    handling.handle(change)
    assert whose(house, "C9") == "Ours"
    with look(house.database, house.clock()) as uow:
        states = dict(uow.session.exec(select(Inbox.event_key, Inbox.state)).all())
    assert states["Ev1"] == "new"


def test_an_id_that_belongs_to_another_customer_changes_nothing_until_staff_decide(
    house: House, clock: Clock
) -> None:
    link(house, "C9", "Theirs")
    owe(house, "for ours")
    move(house)
    assert (whose(house, "C1"), whose(house, "C9")) == ("Ours", "Theirs")
    assert any("*Ours*" in text and "*Theirs*" in text for text in told(house))
    link(house, "C9", "Ours")
    clock.forward(601)
    keeper = Timekeeper(house, RINGS)
    while (reminder := keeper.next()) is not None:
        keeper.ring(reminder)
    assert (whose(house, "C1"), whose(house, "C9")) == ("", "Ours")
    with look(house.database, house.clock()) as uow:
        entry = uow.outgoing.by_key("for ours")
        assert entry is not None
        assert entry.channel == "C9"


def test_the_staff_channel_itself_may_move(house: House, slack: ScriptedSlack) -> None:
    move(house, STAFF, "C0NEW")
    with look(house.database, house.clock()) as uow:
        from bot.service.directory import is_staff_channel, role_in

        assert is_staff_channel(uow, house, "C0NEW")
        assert role_in(uow, house, "U1MIKA", "T0US", "C0NEW") == "admin"
        notice = uow.session.exec(select(Outbox).where(Outbox.channel == "C0NEW")).one()
        assert "SUPPORTBOT_STAFF_CHANNEL" in notice.payload["text"]


def test_what_an_archived_channel_refused_is_sent_once_it_is_back(
    house: House, slack: ScriptedSlack, delivery: Delivery
) -> None:
    from bot.desk.errors import GiveUp

    owe(house, "hello")
    slack.next_outcomes = [GiveUp("chat.postMessage: is_archived")]
    while delivery.send_next():
        pass
    assert [one for one in slack.posted if one["channel"] == "C1"] == []
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, "back")
        channel_unarchived(uow, house, posting, ChannelUnarchived(user="", channel="C1"))
    while delivery.send_next():
        pass
    assert [one["text"] for one in slack.posted if one["channel"] == "C1"] == ["hello"]
    assert any("go out now: 1" in text for text in slack.texts())
