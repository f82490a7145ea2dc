"""Who somebody is and what they may do here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.desk.errors import TryLater
from bot.desk.roles import Role
from bot.service.directory import Directory, actor_of, is_staff_channel, role_in, works_here
from bot.service.house import House
from bot.service.ports import Profile
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, US, Clock, ScriptedSlack

MIKA = Profile("U1MIKA", US.team, "Mika Tan", "en")
LEO = Profile("U2LEO", "T1CUSTOMER", "Leo Strand", "ja")


@pytest.fixture
def directory(house: House, slack: ScriptedSlack) -> Directory:
    slack.profiles = {MIKA.user: MIKA, LEO.user: LEO}
    return Directory(house, slack)


def asked(slack: ScriptedSlack) -> list[str]:
    return [arguments["user"] for method, arguments in slack.calls if method == "users.info"]


def role(house: House, user: str, team: str, channel: str) -> Role:
    with look(house.database, house.clock()) as uow:
        return role_in(uow, house, user, team, channel)


def test_a_person_is_asked_about_once_a_day(
    house: House, slack: ScriptedSlack, directory: Directory, clock: Clock
) -> None:
    directory.meet(LEO.user)
    directory.meet(LEO.user)
    assert asked(slack) == [LEO.user]
    clock.forward(25 * 3600)
    slack.profiles[LEO.user] = replace(LEO, name="Leo Strand-Vik")
    directory.meet(LEO.user)
    with look(house.database, house.clock()) as uow:
        assert actor_of(uow, LEO.user).name == "Leo Strand-Vik"


def test_everybody_mentioned_is_known_by_name_but_the_bot_itself(
    slack: ScriptedSlack, directory: Directory
) -> None:
    directory.meet(LEO.user, f"<@{US.user}> ask <@{MIKA.user}|mika> please")
    assert asked(slack) == [LEO.user, MIKA.user]


def test_a_message_that_mentions_a_thousand_people_asks_about_a_few(
    slack: ScriptedSlack, directory: Directory
) -> None:
    directory.meet(LEO.user, " ".join(f"<@U{number:04}X>" for number in range(1000)))
    assert len(asked(slack)) <= 11


@pytest.mark.parametrize("failure", [TryLater("users.info: ratelimited", 5), None])
def test_a_failed_look_up_stops_nothing_and_is_not_remembered(
    house: House, slack: ScriptedSlack, directory: Directory, failure: TryLater | None
) -> None:
    if failure is None:
        del slack.profiles[LEO.user]
    else:
        slack.profiles[LEO.user] = failure
    directory.meet(LEO.user)
    with look(house.database, house.clock()) as uow:
        assert actor_of(uow, LEO.user).name == LEO.user
        assert actor_of(uow, LEO.user, "leo").name == "leo"
    slack.profiles[LEO.user] = LEO
    directory.meet(LEO.user)
    with look(house.database, house.clock()) as uow:
        assert actor_of(uow, LEO.user).name == "Leo Strand"


@pytest.mark.parametrize(
    ("user", "team", "channel", "expected"),
    [
        (MIKA.user, US.team, STAFF, Role.ADMIN),
        (MIKA.user, "", STAFF, Role.ADMIN),
        (LEO.user, "T1CUSTOMER", STAFF, Role.STRANGER),
        (LEO.user, "", STAFF, Role.STRANGER),
        ("U9NOBODY", "", STAFF, Role.STRANGER),
        (LEO.user, "T1CUSTOMER", "C1", Role.CUSTOMER),
        (MIKA.user, US.team, "C1", Role.CUSTOMER),
        (LEO.user, "T1CUSTOMER", "C9", Role.STRANGER),
        (MIKA.user, US.team, "C9", Role.STRANGER),
        (MIKA.user, US.team, "", Role.STRANGER),
    ],
    ids=[
        "a member of ours in the staff channel",
        "the same where the payload names no workspace",
        "a customer invited to the staff channel by mistake",
        "the same where the payload names no workspace, known as a customer",
        "somebody unknown in the staff channel",
        "a customer in their channel",
        "a member of ours in a customer's channel",
        "a customer in an unlinked channel",
        "a member of ours in an unlinked channel",
        "nowhere",
    ],
)
def test_the_place_and_the_home_workspace_make_the_role(
    house: House, directory: Directory, user: str, team: str, channel: str, expected: Role
) -> None:
    directory.meet(MIKA.user)
    directory.meet(LEO.user)
    assert role(house, user, team, channel) == expected


def test_where_admins_are_named_other_staff_are_none(house: House) -> None:
    named = replace(house, admins=frozenset({"U1MIKA"}))
    assert role(named, "U1MIKA", US.team, STAFF) == Role.ADMIN
    assert role(named, "U3ARUN", US.team, STAFF) == Role.STAFF


def test_a_queues_own_channel_is_a_staff_channel(house: House) -> None:
    with work(house.database, house.clock()) as uow:
        uow.accounts.set_queue_channel("sales", "C0SALES")
    with look(house.database, house.clock()) as uow:
        assert is_staff_channel(uow, house, "C0SALES")
        assert is_staff_channel(uow, house, STAFF)
        assert not is_staff_channel(uow, house, "C1")
        assert not is_staff_channel(uow, house, "")


def test_somebody_works_here_once_they_were_active_in_a_staff_channel(house: House) -> None:
    with work(house.database, house.clock()) as uow:
        uow.accounts.saw("U1MIKA", STAFF)
        uow.accounts.saw("U2LEO", "C1")
    with look(house.database, house.clock()) as uow:
        assert works_here(uow, house, "U1MIKA")
        assert not works_here(uow, house, "U2LEO")


@pytest.mark.parametrize(
    ("told", "kept"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("", ""), ("Mars/Olympus", ""), ("America", ""),
     ("../../etc/passwd", "")],
)  # fmt: skip
def test_a_persons_own_time_zone_goes_before_the_accounts(
    house: House, slack: ScriptedSlack, directory: Directory, told: str, kept: str
) -> None:
    slack.profiles[LEO.user] = replace(LEO, time_zone=told)
    directory.meet(LEO.user)
    with look(house.database, house.clock()) as uow:
        assert uow.accounts.zone_of(LEO.user, "Europe/Berlin") == (kept or "Europe/Berlin")
        assert uow.accounts.zone_of("U9NOBODY", "Europe/Berlin") == "Europe/Berlin"


def test_somebody_of_another_organisation_is_never_staff_whatever_channel_they_are_in(
    house: House, directory: Directory
) -> None:
    for user in (MIKA.user, LEO.user):
        directory.meet(user)
        with work(house.database, house.clock()) as uow:
            uow.accounts.saw(user, STAFF)
    with look(house.database, house.clock()) as uow:
        assert works_here(uow, house, MIKA.user)
        assert not works_here(uow, house, LEO.user)
