from __future__ import annotations

import time

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.desk.arrivals import Arrival, ButtonPressed, MessagePosted, arrival_from_json
from bot.service.house import House
from bot.service.intake import Intake
from bot.storage.tables import Inbox


def message(ts: str = "1.0", channel: str = "C1", text: str = "help") -> MessagePosted:
    return MessagePosted(user="U1", team="T1", channel=channel, ts=ts, text=text)


def stored(house: House) -> list[Arrival]:
    with house.database.reading() as session:
        rows = session.exec(select(Inbox).order_by(Inbox.id)).all()
    return [arrival_from_json(row.kind, row.payload) for row in rows]


def test_what_came_in_is_stored_as_it_was(house: House) -> None:
    arrival = message(text="クラスターが遅い 🎫 <!channel>")
    assert Intake(house).save(arrival, "Ev1")
    assert stored(house) == [arrival]


def test_the_same_event_delivered_again_is_known(house: House) -> None:
    intake = Intake(house)
    assert intake.save(message(), "Ev1")
    assert not intake.save(message(), "Ev1")
    assert len(stored(house)) == 1


def test_a_mention_that_comes_as_two_events_is_one_message(house: House) -> None:
    intake = Intake(house)
    assert intake.save(message(), "EvMessage")
    assert not intake.save(message(), "EvAppMention")
    assert len(stored(house)) == 1


def test_the_same_time_in_two_channels_is_two_messages(house: House) -> None:
    intake = Intake(house)
    assert intake.save(message(channel="C1"), "Ev1")
    assert intake.save(message(channel="C2"), "Ev2")


def test_pressing_a_button_twice_is_two_presses_but_a_redelivery_is_one(house: House) -> None:
    intake = Intake(house)
    press = ButtonPressed(user="U1", action="do.claim", value="1", channel="C1", message_ts="1.0")
    assert intake.save(press, "action:T1:U1:10.0:do.claim")
    assert intake.save(press, "action:T1:U1:11.0:do.claim")
    assert not intake.save(press, "action:T1:U1:11.0:do.claim")


def _rings(house: House, within: float) -> bool:
    """Somebody waiting for work is woken before the time is over."""
    began = time.monotonic()
    house.arrived.wait(within)
    return time.monotonic() - began < within


def test_a_handler_is_woken_by_what_is_new_and_by_nothing_else(house: House) -> None:
    Intake(house).save(message(), "Ev1")
    assert _rings(house, within=5.0)
    Intake(house).save(message(), "Ev1")
    assert not _rings(house, within=0.1)


def test_a_database_that_cannot_save_is_an_error_so_that_slack_delivers_again(
    house: House,
) -> None:
    Inbox.__table__.drop(house.database.engine)
    with pytest.raises(OperationalError):
        Intake(house).save(message(), "Ev1")


def test_the_log_tells_ids_and_never_the_words(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        Intake(house).save(message(text="our password is in here"), "Ev1")
        Intake(house).save(message(text="our password is in here"), "Ev1")
    assert "MessagePosted" in caplog.text
    assert "password" not in caplog.text
