"""What is kept of people: their clock, and where they want e-mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.storage.database import Database
from bot.storage.tables import MailWish
from bot.storage.unit_of_work import look, work
from tests.storage.rows import NOON, outgoing


def test_a_person_is_asked_for_an_address_once_and_for_all(database: Database) -> None:
    with work(database, NOON) as uow:
        assert uow.mail_wishes.ask("U1")
    with work(database, NOON + timedelta(days=4000)) as uow:
        assert not uow.mail_wishes.ask("U1")
        assert uow.mail_wishes.ask("U2")


def test_two_who_ask_at_once_ask_once(database: Database) -> None:
    with work(database, NOON) as uow:
        assert uow.mail_wishes.ask("U1")
        uow.session.expunge_all()
        uow.session.add(MailWish(user="U1", asked_at=NOON))
        with pytest.raises(IntegrityError):
            uow.session.flush()
        uow.session.rollback()


def test_an_answer_is_kept_and_can_be_changed(database: Database) -> None:
    for address in ("leo@a.example", "", "leo@b.example"):
        with work(database, NOON) as uow:
            uow.mail_wishes.answer("U1", address)
        with look(database, NOON) as uow:
            wish = uow.mail_wishes.of("U1")
            assert wish is not None
            assert (wish.address or "") == address
            assert wish.answered_at == NOON


def test_a_persons_clock_is_as_slack_told_it_last(database: Database) -> None:
    for zone in ("Asia/Tokyo", "", "America/Argentina/ComodRivadavia"):
        with work(database, NOON) as uow:
            uow.accounts.remember_person("U1", "T1", "Leo", "en", time_zone=zone)
        with look(database, NOON) as uow:
            assert uow.accounts.zone_of("U1", "UTC") == (zone or "UTC")


def test_posts_are_found_by_the_beginning_of_their_keys(database: Database) -> None:
    with work(database, NOON) as uow:
        for key in ("announcement:1:C1", "announcement:1:C2", "announcement:11:C1", "a_b:1"):
            uow.outgoing.put(outgoing(key))
    with look(database, NOON) as uow:
        found = [row.key for row in uow.outgoing.of_prefix("announcement:1:")]
        assert found == ["announcement:1:C1", "announcement:1:C2"]
        assert uow.outgoing.of_prefix("a%b") == []
        assert [row.key for row in uow.outgoing.of_prefix("a_b:")] == ["a_b:1"]
