"""Customers install the app in their own workspaces: over the real protocol, from page to reply."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.connecting import wait_for_our_installation
from bot.desk.errors import SetupFault
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.storage.sealing import new_key
from bot.storage.tables import Outbox, Workspace
from bot.storage.unit_of_work import look, work
from bot.wiring import build_bot
from tests.support.desk import MANIFEST, Desk
from tests.support.visitor import Visitor, channel_inside, state_of


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    transport = getattr(request, "param", "socket")
    keys = (new_key(),)
    with Desk.in_folder(tmp_path, request.config, transport=transport, token_keys=keys) as running:
        yield running


over_both = pytest.mark.parametrize("desk", ["socket", "http"], indirect=True)


@pytest.fixture
def leo(desk: Desk) -> Visitor:
    """Of Borealis Pay, an external member of ours so far."""
    return Visitor(desk.sandbox, desk.pages_url, "leo")


def stored(desk: Desk, person: str = "leo") -> Workspace | None:
    team = desk.sandbox.workspace.find_person(person).organisation
    with look(desk.bot.database, desk.clock()) as uow:
        return uow.workspaces.get(team)


def link(desk: Desk, channel_id: str, account: str = "Borealis Pay") -> None:
    """As staff do from the question that the bot asks in their channel."""
    asked = desk.wait("mika", "support-desk", f"the channel {channel_id}")
    desk.sandbox.press("mika", "support-desk", asked.ts, "form.link")
    desk.sandbox.wait_for_modal("mika")
    outcome = desk.sandbox.submit_view("mika", {"name": account})
    assert outcome.ok, outcome
    desk.settle()


# --- the flow -------------------------------------------------------------------------------------


@over_both
def test_a_workspace_installs_the_app_and_staff_hear_of_it(desk: Desk, leo: Visitor) -> None:
    page = leo.install()
    assert page.status == 200
    assert "Thank you" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    row = stored(desk)
    assert row is not None
    assert (row.state, row.name, row.version) == ("installed", "Borealis Pay", 1)
    desk.wait("mika", "support-desk", "has installed the app in its own")


def test_a_state_is_good_once_in_its_browser_and_for_ten_minutes(desk: Desk, leo: Visitor) -> None:
    address = leo.begin()
    back = leo.decide(address)
    other = Visitor(desk.sandbox, desk.pages_url, "leo")
    assert other.open(back).status == 400  # a link sent to somebody else
    forged = back.replace(state_of(back), "00000000-0000-4000-8000-000000000000")
    leo_with_forged = Visitor(desk.sandbox, desk.pages_url, "leo")
    leo_with_forged.cookie = f"slack-app-oauth-state={state_of(forged)}"
    assert leo_with_forged.open(forged).status == 401
    assert stored(desk) is None
    again = leo.cookie
    assert leo.open(back).status == 200
    leo.cookie = again
    assert leo.open(back).status == 401  # the same once more
    late = leo.decide(leo.begin())
    desk.clock.ahead += timedelta(minutes=11)
    assert leo.open(late).status == 401
    row = stored(desk)
    assert row is not None
    assert row.version == 1


def test_who_refuses_or_brings_a_wrong_code_installs_nothing(desk: Desk, leo: Visitor) -> None:
    refused = leo.open(leo.decide(leo.begin(), allow=False))
    assert "access_denied" in refused.text
    back = leo.decide(leo.begin())
    code = back.rpartition("code=")[2]
    wrong = leo.open(back.replace(code, "0" * len(code)))
    assert wrong.status == 401
    assert "invalid_code" in wrong.text
    assert stored(desk) is None


def test_slack_away_during_the_exchange_is_told_and_can_be_repeated(
    desk: Desk, leo: Visitor
) -> None:
    desk.sandbox.faults.call("oauth.v2.access", "http_503", times=1)
    assert leo.install().status == 401
    assert leo.install().status == 200


def test_our_own_workspace_keeps_the_token_of_the_environment(desk: Desk) -> None:
    page = Visitor(desk.sandbox, desk.pages_url, "mika").install()
    assert page.status == 500
    assert "set by whoever runs the app" in page.text
    assert stored(desk, "mika") is None


# --- two workspaces side by side ------------------------------------------------------------------


@over_both
def test_a_customer_writes_in_their_workspace_and_staff_answer_in_ours(
    desk: Desk, leo: Visitor
) -> None:
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    link(desk, inside.id)
    desk.wait("leo", inside.id, "support")  # the board, posted by their own bot
    bot = desk.sandbox.workspace.further[inside.organisation]

    asked = desk.say("leo", inside.id, f"@{bot.bot_user} our cluster ledger-eu is down, S1")
    opened = desk.wait("leo", inside.id, "SUP-1001", asked)
    assert opened.is_from_app
    desk.wait("mika", "support-desk", "SUP-1001")
    card = desk.card("SUP-1001")
    desk.say("mika", "support-desk", "We are on it, Leo.", card.ts)
    reply = desk.wait("leo", inside.id, "We are on it, Leo.", asked)
    answer = desk.say("leo", inside.id, "Thank you, and it is back now", asked)
    desk.wait("mika", "support-desk", "it is back now", card.ts)

    desk.say("leo", "ext-borealis", "@supportbot how is SUP-1001?")
    desk.wait("leo", "ext-borealis", "SUP-1001")
    desk.settle()
    messages = desk.sandbox.workspace.messages
    theirs = messages.get(inside.id, reply.ts)
    ours = messages.get(card.channel, card.ts)
    assert theirs is not None
    assert ours is not None
    assert (theirs.bot_id, ours.bot_id) == (bot.bot_id, desk.sandbox.workspace.app.bot_id)
    assert float(answer) > float(reply.ts)
    with desk.bot.database.reading() as session:
        teams = dict(session.execute(sa.select(Outbox.channel, Outbox.team)).all())
        dead = session.execute(sa.select(Outbox.error).where(Outbox.state == "dead")).all()
    assert teams[inside.id] == inside.organisation
    assert teams[card.channel] == ""
    assert dead == []


def test_what_needs_a_mention_and_a_file_works_in_their_workspace(desk: Desk, leo: Visitor) -> None:
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    link(desk, inside.id)
    desk.say("leo", inside.id, "our cluster ledger-eu is very slow since 9, S2")
    card = desk.card("SUP-1001")
    root = desk.wait("leo", inside.id, "ledger-eu is very slow").ts
    desk.sandbox.say("leo", inside.id, "the log", thread_ts=root, files=[("slow.log", b"SELECT 1")])
    copied = desk.wait("mika", "support-desk", lambda seen: "slow.log" in seen.files, card.ts)
    assert copied.is_from_app
    desk.sandbox.upload("mika", "support-desk", "fix.txt", b"SET x", thread_ts=card.ts, text="try")
    desk.wait("leo", inside.id, lambda seen: "fix.txt" in seen.files, root)


def test_the_home_and_a_dm_go_through_the_persons_own_workspace(desk: Desk, leo: Visitor) -> None:
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    link(desk, inside.id)
    desk.say("leo", inside.id, "our cluster ledger-eu is down, nobody can log in, S1")
    desk.card("SUP-1001")
    desk.sandbox.open_home("leo")
    desk.sandbox.wait_for_home("leo", "SUP-1001")
    dm = desk.sandbox.open_dm("leo")
    assert dm.organisation == inside.organisation
    asked = desk.say("leo", dm.id, "how is SUP-1001?")
    desk.wait("leo", dm.id, "SUP-1001", asked, after=asked)


def test_a_form_opens_for_them_within_three_seconds(desk: Desk, leo: Visitor) -> None:
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    link(desk, inside.id)
    board = desk.wait("leo", inside.id, lambda seen: "New request" in seen.buttons)
    assert desk.sandbox.press("leo", inside.id, board.ts, "New request").ok
    desk.sandbox.wait_for_modal("leo", "New request")


def test_a_shared_channel_of_both_workspaces_is_answered_by_our_own_bot(
    desk: Desk, leo: Visitor
) -> None:
    leo.install()
    workspace = desk.sandbox.workspace
    borealis = workspace.organisations[workspace.find_person("leo").organisation]
    shared = workspace.find_channel("ext-borealis")
    workspace.join(shared, workspace.people[workspace.further[borealis.id].bot_user])
    asked = desk.say("leo", shared, "our cluster ledger-eu is down, nobody can log in, S1")
    reply = desk.wait("leo", shared, "SUP-1001", asked)
    message = workspace.messages.get(shared.id, reply.ts)
    assert message is not None
    assert message.bot_id == workspace.app.bot_id
    desk.settle()
    replies = desk.sandbox.sees("leo", shared, asked)
    assert sum("SUP-1001" in seen.text for seen in replies) == 1


def test_our_own_workspace_may_install_the_app_like_any_other(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    key = new_key()
    desk = Desk.in_folder(tmp_path, request.config, token_keys=(key,), own_token=False)
    sandbox = desk.sandbox = Sandbox(demo_scene(), MANIFEST, rate_limits=RateLimits.off())
    with sandbox:
        sandbox.oauth.rotates_tokens = True
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            desk.port = free.getsockname()[1]
        with pytest.raises(SetupFault, match="/slack/install"):
            build_bot(desk.settings())
        waiting = threading.Thread(target=wait_for_our_installation, args=(desk.settings(),))
        waiting.start()
        mika = Visitor(sandbox, f"http://127.0.0.1:{desk.port}", "mika")
        sandbox.wait_for(lambda: _answers(mika))
        assert mika.install().status == 200
        waiting.join(10)
        assert not waiting.is_alive()
        desk.start_bot()
        desk.link(desk.accounts)
        desk.say("leo", "ext-borealis", "our cluster ledger-eu is down, nobody can log in, S1")
        desk.card("SUP-1001")
        sandbox.oauth.expire(sandbox.workspace.vendor.id)
        desk.say("leo", "ext-borealis", "how is SUP-1001?")
        sandbox.wait_for(lambda: sandbox.oauth.refreshes == ["ok"], 10)
        desk.settle()
        desk.bot.stop()


def _answers(visitor: Visitor) -> bool:
    try:
        return visitor.open(f"{visitor.pages}/").status == 200
    except OSError:
        return False


# --- removed and installed again ------------------------------------------------------------------


def test_removing_the_app_deletes_its_tokens_and_gives_up_what_waits(
    desk: Desk, leo: Visitor
) -> None:
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    link(desk, inside.id)
    desk.say("leo", inside.id, "our cluster ledger-eu is down, nobody can log in, S1")
    card = desk.card("SUP-1001")
    desk.settle()
    with work(desk.bot.database, desk.clock()) as uow:
        # Held back for a minute, as a reply with second thoughts is.
        uow.outgoing.put(
            Outbox(
                key="waits", lane="waits", method="chat.postMessage", team=inside.organisation,
                channel=inside.id, payload={"text": "later"}, account_id=1,
                available_at=desk.clock() + timedelta(minutes=1), created_at=desk.clock(),
            )
        )  # fmt: skip
    desk.sandbox.uninstall(inside.organisation)
    told = desk.wait("mika", "support-desk", "has removed the app")
    assert "1 entries that were waiting" in told.text
    desk.settle()
    row = stored(desk)
    assert row is not None
    assert (row.state, row.sealed, row.expires_at) == ("removed", "", None)
    notices = [
        seen for seen in desk.sandbox.sees("mika", "support-desk") if "has removed" in seen.text
    ]
    assert len(notices) == 1  # though Slack says it twice

    desk.say("mika", "support-desk", "Are you still there?", card.ts)
    desk.wait("mika", "support-desk", "could not be delivered", after=told.ts)

    assert leo.install().status == 200
    desk.wait("mika", "support-desk", "has installed the app again")
    bot = desk.sandbox.workspace.further[inside.organisation]
    desk.sandbox.join(bot.bot_user, inside)
    root = desk.wait("leo", inside.id, "ledger-eu is down").ts
    desk.say("mika", "support-desk", "Here we are again.", card.ts)
    desk.wait("leo", inside.id, "Here we are again.", root)


def test_a_token_that_slack_refuses_for_good_counts_as_removed(desk: Desk, leo: Visitor) -> None:
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    link(desk, inside.id)
    desk.say("leo", inside.id, "our cluster ledger-eu is down, nobody can log in, S1")
    card = desk.card("SUP-1001")
    desk.settle()
    desk.sandbox.faults.deliver("lose_payload", "tokens_revoked", times=10)
    desk.sandbox.faults.deliver("lose_payload", "app_uninstalled", times=10)
    desk.sandbox.uninstall(inside.organisation)
    desk.say("mika", "support-desk", "Hello?", card.ts)
    desk.wait("mika", "support-desk", "has removed the app")
    row = stored(desk)
    assert row is not None
    assert row.sealed == ""


def test_a_late_word_of_the_removal_does_not_delete_the_new_tokens(
    desk: Desk, leo: Visitor
) -> None:
    leo.install()
    team = desk.sandbox.workspace.find_person("leo").organisation
    desk.sandbox.uninstall(team)
    desk.wait("mika", "support-desk", "has removed the app")
    gone = next(
        body
        for body in reversed(desk.sandbox.deliveries.sent)
        if body["event"]["type"] == "app_uninstalled"
    )
    desk.clock.ahead += timedelta(minutes=2)
    leo.install()
    desk.sandbox.deliveries.send({**gone, "event_id": "Ev0LATE"})
    desk.settle()
    row = stored(desk)
    assert row is not None
    assert row.state == "installed"


def test_what_comes_from_a_workspace_without_the_app_is_dropped(desk: Desk, leo: Visitor) -> None:
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    desk.settle()
    with work(desk.bot.database, desk.clock()) as uow:
        uow.workspaces.remove(inside.organisation)
    before = len(desk.sandbox.sees("leo", inside.id))
    desk.say("leo", inside.id, "hello?")
    desk.settle()
    assert desk.sandbox.deliveries.undelivered == []
    assert len(desk.sandbox.sees("leo", inside.id)) == before + 1


# --- tokens ---------------------------------------------------------------------------------------


def test_a_token_that_ends_is_refreshed_in_time_and_when_slack_says_so(
    desk: Desk, leo: Visitor
) -> None:
    desk.sandbox.oauth.rotates_tokens = True
    leo.install()
    inside = channel_inside(desk.sandbox, "leo", "help-tidb")
    link(desk, inside.id)
    assert desk.sandbox.oauth.refreshes == []
    desk.clock.ahead += timedelta(hours=10, minutes=1)
    desk.sandbox.wait_for(lambda: desk.sandbox.oauth.refreshes == ["ok"])
    desk.sandbox.wait_for(lambda: (row := stored(desk)) is not None and row.version == 2)

    desk.sandbox.oauth.expire(inside.organisation)
    desk.say("leo", inside.id, "our cluster ledger-eu is down, nobody can log in, S1")
    desk.wait("leo", inside.id, "SUP-1001", desk.wait("leo", inside.id, "ledger-eu is down").ts)
    assert desk.sandbox.oauth.refreshes == ["ok", "ok"]


def test_no_token_stands_in_the_database(desk: Desk, leo: Visitor, tmp_path: Path) -> None:
    desk.sandbox.oauth.rotates_tokens = True
    leo.install()
    desk.settle()
    team = desk.sandbox.workspace.find_person("leo").organisation
    tokens = desk.sandbox.oauth.tokens_of(team)
    assert len(tokens) == 2
    content = b"".join(file.read_bytes() for file in tmp_path.glob("desk.db*"))
    assert b"Borealis Pay" in content
    assert [token for token in tokens if token.encode() in content] == []
