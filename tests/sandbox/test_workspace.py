from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.errors import ActRefusedError, SandboxError
from bot.sandbox.scenes import demo_scene
from bot.sandbox.snapshot import load, save
from bot.sandbox.workspace import Workspace


def test_message_times_are_unique_and_increase_even_when_the_clock_stands_still() -> None:
    workspace = Workspace(clock=lambda: 1732345678.0)
    times = [workspace.next_ts() for _ in range(1000)]
    assert times[0] == "1732345678.000000"
    assert times == sorted(set(times))


def test_the_demo_scene_has_three_customers_each_in_a_channel_of_their_own() -> None:
    workspace = demo_scene()
    for channel, customer in (
        ("ext-kitsune", "hana"),
        ("ext-borealis", "leo"),
        ("#ext-lotus", "lin"),
    ):
        shared = workspace.find_channel(channel)
        outside = [
            workspace.people[member].name
            for member in shared.members
            if workspace.is_external(workspace.people[member])
        ]
        assert outside == [customer]
        assert shared.is_ext_shared
        assert workspace.app.bot_user in shared.members
    assert not workspace.find_channel("support-desk").is_ext_shared


def test_a_person_is_found_by_handle_name_or_id(workspace: Workspace) -> None:
    hana = workspace.find_person("@hana")
    assert workspace.find_person("Hana Mori") is hana
    assert workspace.find_person(hana.id) is hana
    with pytest.raises(ActRefusedError, match="Nobody here is called 'nobody'"):
        workspace.find_person("nobody")


def test_everything_that_happens_comes_through_the_feed_in_order(workspace: Workspace) -> None:
    channel, hana = workspace.find_channel("ext-kitsune"), workspace.find_person("hana")
    with workspace.feed.subscribe() as changes:
        message = workspace.messages.post(channel, hana.id, "hello")
        workspace.messages.react(message, hana.id, "eyes")
        workspace.messages.delete(message, hana.id)
        seen = [changes.get(timeout=1) for _ in range(3)]
    kinds = [change.kind for change in seen if change is not None]
    assert kinds == ["message_posted", "reaction_added", "message_deleted"]
    numbers = [change.sequence for change in seen if change is not None]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert changes.get(timeout=0) is None


def test_a_late_subscriber_gets_what_it_missed_first(workspace: Workspace) -> None:
    start = workspace.feed.sequence
    channel = workspace.find_channel("ext-kitsune")
    workspace.messages.post(channel, workspace.find_person("hana").id, "early")
    with workspace.feed.subscribe(since=start) as changes:
        change = changes.get(timeout=0)
    assert change is not None
    assert change.detail["message"]["text"] == "early"


def test_a_deleted_root_with_replies_leaves_a_tombstone_until_the_last_reply_goes(
    workspace: Workspace,
) -> None:
    channel, hana = workspace.find_channel("ext-kitsune"), workspace.find_person("hana")
    root = workspace.messages.post(channel, hana.id, "question")
    reply = workspace.messages.post(channel, hana.id, "more", thread_ts=root.ts)
    workspace.messages.delete(root, hana.id)
    left = workspace.messages.get(channel.id, root.ts)
    assert left is not None
    assert (left.subtype, left.text) == ("tombstone", "This message was deleted.")
    workspace.messages.delete(reply, hana.id)
    assert workspace.messages.in_channel(channel.id) == []


def test_a_reply_to_a_reply_lands_in_the_same_thread(workspace: Workspace) -> None:
    channel, hana = workspace.find_channel("ext-kitsune"), workspace.find_person("hana")
    root = workspace.messages.post(channel, hana.id, "question")
    reply = workspace.messages.post(channel, hana.id, "more", thread_ts=root.ts)
    nested = workspace.messages.post(channel, hana.id, "deeper", thread_ts=reply.ts)
    assert nested.thread_ts == root.ts
    assert [one.text for one in workspace.messages.replies(channel.id, root.ts)] == [
        "more",
        "deeper",
    ]


def test_messages_follow_their_channel_to_a_new_id(workspace: Workspace) -> None:
    channel, hana = workspace.find_channel("ext-kitsune"), workspace.find_person("hana")
    root = workspace.messages.post(channel, hana.id, "question")
    workspace.messages.post(channel, hana.id, "more", thread_ts=root.ts)
    old = channel.id
    new = workspace.change_channel_id(channel)
    assert new != old
    assert old not in workspace.channels
    assert [one.text for one in workspace.messages.replies(new, root.ts)] == ["more"]


def test_unsharing_takes_the_channel_from_the_other_organisation(workspace: Workspace) -> None:
    channel, hana = workspace.find_channel("ext-kitsune"), workspace.find_person("hana")
    workspace.unshare(channel, workspace.organisations[hana.organisation])
    assert hana.id not in channel.members
    assert not channel.is_ext_shared


def test_a_workspace_continues_from_its_snapshot(workspace: Workspace, tmp_path: Path) -> None:
    channel, hana = workspace.find_channel("ext-kitsune"), workspace.find_person("hana")
    root = workspace.messages.post(channel, hana.id, "日本語の質問")
    file = workspace.files.add(hana.id, "log.bin", b"\x00\xff")
    workspace.files.share(file, channel)
    reply = workspace.messages.post(channel, hana.id, "log", thread_ts=root.ts, files=[file.id])
    workspace.messages.react(root, hana.id, "ticket")
    workspace.messages.edit(reply, hana.id, text="the log")
    workspace.views.publish_home(hana.id, {"type": "home", "blocks": []})
    save(workspace, tmp_path / "kept.json")

    again = load(tmp_path / "kept.json")
    assert again.people == workspace.people
    assert again.channels == workspace.channels
    assert again.messages.in_channel(channel.id) == workspace.messages.in_channel(channel.id)
    assert again.messages.replies(channel.id, root.ts)[0].text == "the log"
    kept = again.files.get(file.id)
    assert kept is not None
    assert kept.content == b"\x00\xff"
    assert again.views.homes.keys() == {hana.id}
    assert again.new_id("F") != file.id
    assert float(again.next_ts()) > float(reply.ts)


def test_a_broken_snapshot_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(SandboxError, match=r"kept\.json is not a workspace snapshot"):
        load(path)
    path.write_text('{"format": 99}', encoding="utf-8")
    with pytest.raises(SandboxError, match="another snapshot format"):
        load(path)
