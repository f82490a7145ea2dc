"""What people may do to a bot: nothing is lost, nobody is rung, nobody gets what is not theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.cast import cast
from tests.support.desk import Desk

CLUSTER_DOWN = "@supportbot our cluster ledger-eu returns errors since noon, severity S2"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Desk]:
    with Desk.in_folder(tmp_path_factory.mktemp("bad"), pytestconfig, accounts=()) as running:
        yield running


@pytest.fixture
def borealis(desk: Desk) -> Iterator[dict[str, str]]:
    """Ids of Leo, Ines, Gwen and their channel; afterwards nothing may have been given up."""
    yield cast(desk, ["leo"])
    desk.settle()
    complaints = [
        seen.text for seen in desk.sandbox.sees("mika", "support-desk") if "⚠️" in seen.text
    ]
    assert complaints == []


def test_a_message_of_thirty_thousand_characters_becomes_a_request(
    desk: Desk, borealis: dict[str, str]
) -> None:
    leo, channel = borealis["leo"], borealis["ext-borealis"]
    root = desk.say(leo, channel, f"{CLUSTER_DOWN}. " + "SELECT 1; -- and on and on " * 1_150)
    number = opened(desk, leo, channel, root)
    card = desk.card(number)
    assert "SELECT 1" in card.text
    desk.wait("mika", "support-desk", "SELECT 1", thread=card.ts)
    desk.say(leo, channel, "🐢" * 15_000, thread=root)
    desk.wait("mika", "support-desk", "🐢🐢🐢", thread=card.ts)


def test_the_mention_of_somebody_who_left_arrives_as_a_name(
    desk: Desk, borealis: dict[str, str]
) -> None:
    leo, channel = borealis["leo"], borealis["ext-borealis"]
    workspace = desk.sandbox.workspace
    workspace.deactivate(workspace.people[borealis["ines"]])
    root = desk.say(leo, channel, f"{CLUSTER_DOWN}, @{borealis['ines']} set it up")
    number = opened(desk, leo, channel, root)
    assert "@Ines Falk set it up" in desk.card(number).text


@pytest.mark.parametrize("words", [":tada: :rocket:", "🎉", "…", "​", "\\u0000 \\ufffd"])
def test_words_without_meaning_open_nothing_even_when_addressed(
    desk: Desk, borealis: dict[str, str], words: str
) -> None:
    leo, channel = borealis["leo"], borealis["ext-borealis"]
    root = desk.say(leo, channel, f"@supportbot {words}")
    answer = desk.wait(leo, channel, "", thread=root, after=root)
    assert answer.is_from_app
    desk.settle()
    assert "No open requests" in board(desk, leo, channel)


def test_nothing_written_by_people_rings_anybody(desk: Desk, borealis: dict[str, str]) -> None:
    leo, channel = borealis["leo"], borealis["ext-borealis"]
    root = desk.say(leo, channel, f"{CLUSTER_DOWN} @channel @here <b>&lt;!channel&gt;</b> *now*")
    number = opened(desk, leo, channel, root)
    card = desk.card(number)
    desk.say(leo, channel, "@everyone look: <!channel> <@U000000001>", thread=root)
    desk.wait("mika", "support-desk", "@everyone look", thread=card.ts)
    desk.say("mika", "support-desk", "@channel please <!here> wait", thread=card.ts)
    desk.wait(leo, channel, "please", thread=root)
    desk.settle()
    ours = [
        message
        for place in (channel, desk.channel("support-desk"))
        for message in desk.sandbox.workspace.messages.in_channel(place)
        if message.bot_id
    ]
    assert ours
    for message in ours:
        rung = re.findall("<!|broadcast", " ".join(interpreted([message.text, message.blocks])))
        assert rung == []


def test_a_customer_who_got_into_the_staff_channel_is_no_staff(
    desk: Desk, borealis: dict[str, str]
) -> None:
    leo, channel = borealis["leo"], borealis["ext-borealis"]
    root = desk.say(leo, channel, CLUSTER_DOWN)
    number = opened(desk, leo, channel, root)
    card = desk.card(number)
    workspace = desk.sandbox.workspace
    home = workspace.organisations[workspace.people[leo].organisation]
    desk.sandbox.share("support-desk", home)
    desk.sandbox.join(leo, "support-desk", inviter="mika")
    try:
        for button in ("Claim", "Resolve", "Reply", "Set severity"):
            desk.sandbox.press(leo, "support-desk", card.ts, button)
            assert desk.sandbox.modal(leo) is None
            desk.settle()
        refused = [
            seen
            for seen in (
                *desk.sandbox.sees(leo, "support-desk"),
                *desk.sandbox.sees(leo, "support-desk", card.ts),
            )
            if seen.is_ephemeral
        ]
        assert len(refused) == 4
        assert all("Only support staff can do that" in seen.text for seen in refused)
        desk.say(leo, "support-desk", "I am staff now, the request is done", thread=card.ts)
        desk.settle()
        assert "nobody yet" in desk.card(number).text
        assert not any(
            "I am staff now" in seen.text for seen in desk.sandbox.sees(leo, channel, root)
        )
    finally:
        desk.sandbox.unshare("support-desk", home)


def test_invited_to_a_channel_without_an_account_the_bot_asks_staff_once(desk: Desk) -> None:
    workspace = desk.sandbox.workspace
    home = workspace.add_organisation("Heron Rail", "heron")
    kim = workspace.add_person(home, "kim", "Kim Berg")
    people = [kim, workspace.find_person("mika")]
    workspace.add_channel("ext-heron", people, shared_with=[home])
    desk.sandbox.join("supportbot", "ext-heron", inviter="mika")
    asked = desk.wait("mika", "support-desk", "ext-heron")
    assert "is not linked to an account" in asked.text
    assert asked.buttons == ["Link this channel"]
    root = desk.say("kim", "ext-heron", "@supportbot hello?")
    desk.wait("kim", "ext-heron", "Our staff have been asked", thread=root)
    desk.settle()
    questions = [s for s in desk.sandbox.sees("mika", "support-desk") if "ext-heron" in s.text]
    assert len(questions) == 1


def opened(desk: Desk, person: str, channel: str, root: str, words: str = "is open") -> str:
    """The number of the request opened in a thread."""
    seen = desk.wait(person, channel, words, thread=root)
    return next(word for word in seen.text.replace("*", " ").split() if word.startswith("SUP-"))


def board(desk: Desk, person: str, channel: str) -> str:
    return desk.wait(person, channel, "Support for").text


def interpreted(written: object) -> Iterator[str]:
    """The texts in which Slack looks for `<!channel>`, and the kinds of rich text elements.

    The words of a rich text element are only words, whatever they look like.
    """
    match written:
        case str():
            yield written
        case {"type": "text"}:
            return
        case {"type": "mrkdwn" | "markdown", "text": str(text)}:
            yield text
        case {"type": str(kind), **rest}:
            yield kind
            yield from interpreted([part for part in rest.values() if not isinstance(part, str)])
        case list() | dict():
            for part in written.values() if isinstance(written, dict) else written:
                yield from interpreted(part)


def test_who_writes_too_much_at_once_is_told_once_and_loses_nothing_in_a_request(
    desk: Desk, borealis: dict[str, str]
) -> None:
    leo, channel = borealis["leo"], borealis["ext-borealis"]
    root = desk.say(leo, channel, CLUSTER_DOWN)
    card = desk.card(opened(desk, leo, channel, root))
    for number in range(40):
        desk.say(leo, channel, f"@supportbot help {number}")
    desk.say(leo, channel, "and line 7 of the log says: region is unavailable", thread=root)
    desk.wait("mika", "support-desk", "region is unavailable", thread=card.ts)
    desk.settle(60)
    everything = [
        seen
        for place in (None, *(seen.ts for seen in desk.sandbox.sees(leo, channel)))
        for seen in desk.sandbox.sees(leo, channel, place)
    ]
    told = {seen.ts for seen in everything if "more at once than I can answer" in seen.text}
    assert len(told) == 1
    assert all(seen.is_ephemeral for seen in everything if seen.ts in told)
