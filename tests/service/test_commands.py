"""Slash commands: what is understood, and that nobody sees or changes what is not theirs."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.desk.arrivals import CommandGiven
from bot.desk.errors import NotAllowed
from bot.service.commands import Commands, channel_id
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.tables import Outbox, SupportRequest
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, US


def run(house: House, command: str, text: str = "", channel: str = STAFF, user: str = "U1") -> str:
    """Give a command as a member of our organisation; returns the private answer."""
    given = CommandGiven(
        user=user,
        team=US.team,
        command=command,
        text=text,
        channel=channel,
        response_url="https://hooks.invalid/1",
    )
    with work(house.database, house.clock()) as uow:
        number = len(uow.session.exec(select(Outbox.id)).all())
        Commands(uow, house, Posting(uow, house, f"in{number}")).run(given)
    with house.database.reading() as session:
        entry = session.exec(select(Outbox).order_by(Outbox.id.desc())).first()
    assert entry is not None
    assert entry.method == "respond"
    assert entry.payload["response_type"] == "ephemeral"
    return str(entry.payload["text"])


def account_of(house: House, channel: str) -> tuple[str, str, str, str]:
    with look(house.database, house.clock()) as uow:
        linked = uow.accounts.of_channel(channel)
    assert linked is not None
    return linked.name, linked.plan, linked.time_zone, linked.language


def open_request(house: House, channel: str, summary: str) -> str:
    with work(house.database, house.clock()) as uow:
        linked = uow.accounts.of_channel(channel)
        assert linked is not None
        return uow.requests.add(
            SupportRequest(
                account_id=linked.id,
                origin=summary,
                requester="U2",
                requester_name="Leo",
                channel=channel,
                thread_ts="1.0",
                intent="get_cluster_support",
                queue="support",
                severity="S2",
                state="new",
                summary=summary,
                fields={},
                language="en",
                staff_channel=STAFF,
                opened_at=house.clock(),
                updated_at=house.clock(),
            )
        ).number


# --- staff's configuration ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'link <#C7|ext-kitsune> "Kitsune Games" plan=enterprise tz=Asia/Tokyo language=ja',
            ("Kitsune Games", "enterprise", "Asia/Tokyo", "ja"),
        ),
        ("link C7 Kitsune", ("Kitsune", "basic", "UTC", "en")),
        ("link <#C7> 'O Neill' plan=developer", ("O Neill", "standard", "UTC", "en")),
    ],
)
def test_a_channel_is_linked_to_an_account(
    house: House, text: str, expected: tuple[str, str, str, str]
) -> None:
    answer = run(house, "/support-admin", text)
    assert account_of(house, "C7") == expected
    assert "<#C7>" in answer
    assert expected[0] in answer


def test_linking_a_known_account_again_keeps_what_is_not_named(house: House) -> None:
    run(house, "/support-admin", 'link C7 "Kitsune" plan=enterprise tz=Asia/Tokyo language=ja')
    run(house, "/support-admin", 'link C8 "Kitsune" plan=premium')
    assert account_of(house, "C8") == ("Kitsune", "premium", "Asia/Tokyo", "ja")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("link C1 Somebody-else", "admin.channel_taken"),
        ("link C7 X tz=Mars/Base", "form.time_zone"),
        ("link C7 X plan=platinum", "admin.unknown_plan"),
        ("queue gossip C7", "admin.unknown_queue"),
        ("mode C7 listen", "admin.not_linked"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(
    house: House, text: str, reason: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        run(house, "/support-admin", text)
    assert refused.value.reason == reason
    assert house.content.words.has(reason)
    assert account_of(house, "C1")[0] == "Ours"
    with look(house.database, house.clock()) as uow:
        assert uow.accounts.of_channel("C7") is None
        assert uow.accounts.queue_channels() == {}


def test_a_channel_is_unlinked_and_its_way_of_listening_is_set(house: House) -> None:
    run(house, "/support-admin", "mode <#C1|ours> mention")
    run(house, "/support-admin", "unlink <#C2|theirs>")
    with look(house.database, house.clock()) as uow:
        ours = uow.accounts.of_channel("C1")
        assert ours is not None
        assert ours.mode == "mention"
        assert uow.accounts.of_channel("C2") is None


def test_a_queue_gets_its_own_channel(house: House) -> None:
    run(house, "/support-admin", "queue sales <#C5|sales>")
    with look(house.database, house.clock()) as uow:
        assert uow.accounts.queue_channels() == {"sales": "C5"}


def test_the_accounts_are_listed_with_their_channels(house: House) -> None:
    run(house, "/support-admin", "accounts")
    assert "*Ours*" in str(_blocks(house))
    assert "<#C1>" in str(_blocks(house))


def _blocks(house: House) -> object:
    with house.database.reading() as session:
        entry = session.exec(select(Outbox).order_by(Outbox.id.desc())).first()
    assert entry is not None
    return entry.payload["blocks"]


@pytest.mark.parametrize("text", ["", "help", "link", "link C7", "mode C1 loud", 'link C7 "open'])
def test_what_is_not_understood_is_answered_with_what_is(house: House, text: str) -> None:
    if text == 'link C7 "open':
        assert '*"open*' in run(house, "/support-admin", text)
    else:
        assert "/support-admin link" in run(house, "/support-admin", text)


@pytest.mark.parametrize("channel", ["C1", "C9"])
def test_nobody_changes_accounts_outside_the_staff_channel(house: House, channel: str) -> None:
    with pytest.raises(NotAllowed, match="change_accounts"):
        run(house, "/support-admin", "unlink C1", channel)


@pytest.mark.parametrize(
    ("written", "found"), [("<#C1|x>", "C1"), ("<#C1>", "C1"), ("C1", "C1"), ("<#C1|>", "C1")]
)
def test_a_channel_may_be_written_as_slack_does_or_by_its_id(written: str, found: str) -> None:
    assert channel_id(written) == found


# --- state and plan -----------------------------------------------------------------------------


def test_a_customer_sees_their_own_requests_and_nobody_elses(house: House) -> None:
    ours = open_request(house, "C1", "ours is slow")
    theirs = open_request(house, "C2", "theirs is secret")
    listed = run(house, "/support-status", channel="C1")
    assert "ours is slow" in listed
    assert "secret" not in listed
    assert "ours is slow" in run(house, "/support-status", ours.lower(), "C1")
    assert "secret" not in run(house, "/support-status", theirs, "C1")
    assert run(house, "/support-status", theirs, "C1") == run(
        house, "/support-status", "SUP-9999", "C1"
    ).replace("SUP-9999", theirs)


def test_staff_see_every_open_request_with_its_account(house: House) -> None:
    open_request(house, "C1", "ours is slow")
    number = open_request(house, "C2", "theirs is slow")
    run(house, "/support-status")
    assert "ours is slow" in str(_blocks(house))
    assert "Theirs" in str(_blocks(house))
    assert "theirs is slow" in run(house, "/support-status", number)


def test_the_plan_and_what_it_promises_are_shown(house: House) -> None:
    answer = run(house, "/support-plan", channel="C1")
    assert "Standard" in answer
    assert "business hours" in answer


def test_a_channel_without_an_account_gets_no_answer_of_anybodys(house: House) -> None:
    with pytest.raises(NotAllowed, match=r"not_allowed\.unlinked"):
        run(house, "/support-status", channel="C9")


def test_in_a_dm_the_account_is_the_only_one_the_person_was_seen_in(house: House) -> None:
    open_request(house, "C1", "ours is slow")
    with pytest.raises(NotAllowed, match=r"not_allowed\.unlinked"):
        run(house, "/support-status", channel="D1", user="U7")
    with work(house.database, house.clock()) as uow:
        uow.accounts.saw("U7", "C1")
    assert "ours is slow" in run(house, "/support-status", channel="D1", user="U7")
    with work(house.database, house.clock()) as uow:
        uow.accounts.saw("U7", "C2")
    with pytest.raises(NotAllowed, match=r"not_allowed\.which_account"):
        run(house, "/support-status", channel="D1", user="U7")


# --- many accounts ------------------------------------------------------------------------------


def accounts_shown(house: House, wanted: str = "") -> tuple[str, list[str]]:
    """The title of the answer, and the lines below it."""
    title = run(house, "/support-admin", f"accounts {wanted}".strip())
    with house.database.reading() as session:
        entry = session.exec(select(Outbox).order_by(Outbox.id.desc())).first()
    assert entry is not None
    blocks = entry.payload["blocks"]
    assert len(blocks) <= 50
    return title, [block["elements"][0]["text"] for block in blocks[1:]]


def test_more_accounts_than_fit_come_by_page_and_by_name(house: House) -> None:
    with work(house.database, house.clock()) as uow:
        for number in range(88):
            account = uow.accounts.add(f"Company {number:02d}", "standard", "UTC", "en")
            assert account.id is not None
            uow.accounts.link(f"C9{number:02d}", account.id)
    title, lines = accounts_shown(house)
    assert "(90)" in title
    assert "page 1 of 3" in title
    assert len(lines) == 41
    assert "accounts 2" in lines[-1]
    seen = [line for page in "123" for line in accounts_shown(house, page)[1][:-1]]
    assert len(set(seen)) == 90
    assert "accounts 1" in accounts_shown(house, "3")[1][-1]
    assert accounts_shown(house, "99") == accounts_shown(house, "3")
    title, lines = accounts_shown(house, "company 4")
    assert "“company 4”" in title
    assert len(lines) == 10
    assert "<#C940>" in lines[0]
    assert accounts_shown(house, "nobody")[1] == []
