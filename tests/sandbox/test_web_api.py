"""The Web API, called through Slack's own client."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.manifest import Manifest
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace


def connect_client(sandbox: Sandbox) -> WebClient:
    return WebClient(token=sandbox.bot_token, base_url=sandbox.base_url, retry_handlers=[])


def refusal(call: Callable[[], object]) -> Any:
    """The body of the refused call."""
    with pytest.raises(SlackApiError) as caught:
        call()
    return caught.value.response.data


def home(text: str) -> dict[str, Any]:
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": text}}]
    return {"type": "home", "blocks": blocks}


@pytest.fixture
def kitsune(workspace: Workspace) -> str:
    return workspace.find_channel("ext-kitsune").id


def test_auth_test_names_the_installation(client: WebClient, workspace: Workspace) -> None:
    answer = client.auth_test()
    assert answer["team_id"] == workspace.vendor.id
    assert answer["user_id"] == workspace.app.bot_user
    assert answer["bot_id"] == workspace.app.bot_id


def test_tokens_are_checked(sandbox: Sandbox) -> None:
    def error(token: str | None) -> str:
        stranger = WebClient(token=token, base_url=sandbox.base_url, retry_handlers=[])
        return str(refusal(stranger.auth_test)["error"])

    assert error("xoxb-" + "other") == "invalid_auth"
    assert error(sandbox.app_token) == "not_allowed_token_type"
    assert error("") == "not_authed"


def test_an_uninstalled_app_is_turned_away(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.uninstall()
    assert refusal(client.auth_test)["error"] == "account_inactive"


def test_an_unknown_method_says_so(client: WebClient) -> None:
    assert refusal(lambda: client.api_call("chat.shout"))["error"] == "unknown_method"


def test_a_posted_message_is_seen_by_the_members(
    sandbox: Sandbox, client: WebClient, kitsune: str
) -> None:
    posted = client.chat_postMessage(
        channel=kitsune,
        text="fallback",
        blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "*Hello* there"}}],
        metadata={"event_type": "sent", "event_payload": {"key": "k1"}},
    )
    seen = sandbox.sees("hana", kitsune)[-1]
    assert (seen.ts, seen.author, seen.text) == (posted["ts"], "supportbot", "*Hello* there")
    assert posted["message"]["metadata"]["event_payload"] == {"key": "k1"}


def test_a_thread_is_read_back_with_its_counts_and_metadata(
    client: WebClient, kitsune: str
) -> None:
    root = client.chat_postMessage(channel=kitsune, text="root")["ts"]
    keyed = {"event_type": "sent", "event_payload": {"key": "k1"}}
    reply = client.chat_postMessage(channel=kitsune, text="a", thread_ts=root, metadata=keyed)
    client.chat_postMessage(channel=kitsune, text="b", thread_ts=root, reply_broadcast=True)

    thread = client.conversations_replies(channel=kitsune, ts=root, include_all_metadata=True)
    assert [message["text"] for message in thread["messages"]] == ["root", "a", "b"]
    assert thread["messages"][0]["reply_count"] == 2
    assert thread["messages"][1]["metadata"] == keyed
    plain = client.conversations_replies(channel=kitsune, ts=reply["ts"])
    assert "metadata" not in plain["messages"][1]
    history = client.conversations_history(channel=kitsune)["messages"]
    assert [(one["text"], one.get("subtype")) for one in history] == [
        ("b", "thread_broadcast"),
        ("root", None),
    ]


def test_history_is_paged_newest_first_and_cut_by_time(client: WebClient, kitsune: str) -> None:
    times = [client.chat_postMessage(channel=kitsune, text=str(n))["ts"] for n in range(5)]
    pages = [
        [message["text"] for message in page["messages"]]
        for page in client.conversations_history(channel=kitsune, limit=2)
    ]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]

    def between(**more: Any) -> list[str]:
        found = client.conversations_history(
            channel=kitsune, oldest=times[1], latest=times[3], **more
        )
        return [message["text"] for message in found["messages"]]

    assert between() == ["2"]
    assert between(inclusive=True) == ["3", "2", "1"]


def test_updating_keeps_what_is_not_mentioned(client: WebClient, kitsune: str) -> None:
    blocks = [{"type": "divider", "block_id": "line"}]
    keyed = {"event_type": "sent", "event_payload": {"key": "k1"}}
    posted = client.chat_postMessage(channel=kitsune, text="one", blocks=blocks, metadata=keyed)
    updated = client.chat_update(channel=kitsune, ts=posted["ts"], text="two")
    assert updated["message"]["blocks"] == blocks
    assert updated["message"]["edited"]
    assert updated["message"]["metadata"] == keyed
    cleared = client.chat_update(channel=kitsune, ts=posted["ts"], text="two", blocks=[])
    assert "blocks" not in cleared["message"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "metadata": {"event_type": "t"}}, "invalid_metadata_format"),
        ({"markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "channel": "C404"}, "channel_not_found"),
    ],
)
def test_a_bad_post_is_refused_by_slacks_name(
    client: WebClient, kitsune: str, arguments: dict[str, Any], error: str
) -> None:
    wanted = {"channel": kitsune, **arguments}
    body = refusal(lambda: client.api_call("chat.postMessage", json=wanted))
    assert body["error"] == error


def test_bad_blocks_are_refused_with_their_place(client: WebClient, kitsune: str) -> None:
    body = refusal(
        lambda: client.chat_postMessage(channel=kitsune, text="x", blocks=[{"type": "nonsense"}])
    )
    assert body["error"] == "invalid_blocks"
    assert "json-pointer:/blocks/0/type" in body["response_metadata"]["messages"][0]


def test_the_bot_posts_only_where_it_is_and_where_people_may_write(
    sandbox: Sandbox, client: WebClient, workspace: Workspace, kitsune: str
) -> None:
    mika = workspace.find_person("mika")
    lounge = workspace.add_channel("lounge", [mika])
    secret = workspace.add_channel("secret", [mika], is_private=True)

    def error(channel: str) -> str:
        body = refusal(lambda: client.chat_postMessage(channel=channel, text="x"))
        return str(body["error"])

    assert error(lounge.id) == "not_in_channel"
    assert error(secret.id) == "channel_not_found"
    client.conversations_join(channel=lounge.id)
    client.chat_postMessage(channel=lounge.id, text="x")
    sandbox.archive("mika", lounge.id)
    assert error(lounge.id) == "is_archived"


def test_only_its_own_messages_can_be_changed(
    sandbox: Sandbox, client: WebClient, kitsune: str
) -> None:
    theirs = sandbox.say("hana", kitsune, "mine").ts
    change = refusal(lambda: client.chat_update(channel=kitsune, ts=theirs, text="x"))
    remove = refusal(lambda: client.chat_delete(channel=kitsune, ts=theirs))
    gone = refusal(lambda: client.chat_delete(channel=kitsune, ts="1.000001"))
    assert [body["error"] for body in (change, remove, gone)] == [
        "cant_update_message",
        "cant_delete_message",
        "message_not_found",
    ]


def test_an_ephemeral_message_is_for_one_person_and_in_no_history(
    sandbox: Sandbox, client: WebClient, workspace: Workspace, kitsune: str
) -> None:
    hana, leo = workspace.find_person("hana"), workspace.find_person("leo")
    client.chat_postEphemeral(channel=kitsune, user=hana.id, text="psst")
    assert sandbox.sees("hana", kitsune)[-1].is_ephemeral
    assert sandbox.sees("mika", kitsune) == []
    assert client.conversations_history(channel=kitsune)["messages"] == []
    body = refusal(lambda: client.chat_postEphemeral(channel=kitsune, user=leo.id, text="psst"))
    assert body["error"] == "user_not_in_channel"


def test_posting_to_a_person_opens_a_direct_conversation(
    sandbox: Sandbox, client: WebClient, workspace: Workspace
) -> None:
    hana = workspace.find_person("hana")
    opened = client.conversations_open(users=[hana.id])["channel"]["id"]
    assert client.chat_postMessage(channel=hana.id, text="hi")["channel"] == opened
    assert sandbox.sees("hana", opened)[-1].text == "hi"
    assert client.conversations_info(channel=opened)["channel"]["is_im"]


def test_a_channel_says_with_whom_it_is_shared(
    client: WebClient, workspace: Workspace, kitsune: str
) -> None:
    channel = client.conversations_info(channel=kitsune)["channel"]
    hana = workspace.find_person("hana")
    assert channel["is_ext_shared"] is True
    assert channel["connected_team_ids"] == [hana.organisation]
    assert hana.id in client.conversations_members(channel=kitsune)["members"]
    names = [
        one["name"]
        for page in client.conversations_list(types="public_channel", limit=2)
        for one in page["channels"]
    ]
    assert names == ["support-desk", "sales-desk", "ext-kitsune", "ext-borealis", "ext-lotus"]


def test_people_of_other_organisations_have_their_team_but_no_locale(
    client: WebClient, workspace: Workspace
) -> None:
    hana = client.users_info(user=workspace.find_person("hana").id)["user"]
    mika = client.users_info(user=workspace.find_person("mika").id)["user"]
    assert hana["team_id"] != workspace.vendor.id
    assert "locale" not in hana
    assert mika["is_admin"] is True
    assert refusal(lambda: client.users_info(user="U404"))["error"] == "user_not_found"


def test_reactions_and_pins_refuse_to_be_set_twice(client: WebClient, kitsune: str) -> None:
    ts = client.chat_postMessage(channel=kitsune, text="x")["ts"]
    client.reactions_add(channel=kitsune, timestamp=ts, name="eyes")
    again = refusal(lambda: client.reactions_add(channel=kitsune, timestamp=ts, name="eyes"))
    assert client.reactions_get(channel=kitsune, timestamp=ts)["message"]["reactions"][0]["count"]
    client.reactions_remove(channel=kitsune, timestamp=ts, name="eyes")
    gone = refusal(lambda: client.reactions_remove(channel=kitsune, timestamp=ts, name="eyes"))
    assert (again["error"], gone["error"]) == ("already_reacted", "no_reaction")
    client.pins_add(channel=kitsune, timestamp=ts)
    pinned = refusal(lambda: client.pins_add(channel=kitsune, timestamp=ts))
    assert pinned["error"] == "already_pinned"
    assert client.pins_list(channel=kitsune)["items"][0]["message"]["ts"] == ts
    client.pins_remove(channel=kitsune, timestamp=ts)
    assert client.pins_list(channel=kitsune)["items"] == []


def test_home_views_are_guarded_by_their_hash(
    sandbox: Sandbox, client: WebClient, workspace: Workspace
) -> None:
    hana = workspace.find_person("hana")
    first = client.views_publish(user_id=hana.id, view=home("one"))["view"]
    client.views_publish(user_id=hana.id, view=home("two"), hash=first["hash"])
    stale = refusal(
        lambda: client.views_publish(user_id=hana.id, view=home("three"), hash=first["hash"])
    )
    assert stale["error"] == "hash_conflict"
    shown = sandbox.home("hana")
    assert shown is not None
    assert shown.text == "two"


def test_a_file_goes_up_and_comes_down_with_the_token_only(
    sandbox: Sandbox, client: WebClient, kitsune: str
) -> None:
    client.files_upload_v2(channel=kitsune, filename="log.txt", content="line", title="Log")
    seen = sandbox.sees("hana", kitsune)[-1]
    assert seen.files == ("log.txt",)
    shared = client.conversations_history(channel=kitsune)["messages"][0]["files"][0]
    address = client.files_info(file=shared["id"])["file"]["url_private_download"]

    def fetch(headers: dict[str, str]) -> tuple[int, bytes]:
        request = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()

    assert fetch({"Authorization": f"Bearer {sandbox.bot_token}"}) == (200, b"line")
    status, page = fetch({})
    assert status == 200
    assert page.startswith(b"<!DOCTYPE html>")


def test_a_strangers_file_comes_as_a_stub(
    sandbox: Sandbox, client: WebClient, kitsune: str
) -> None:
    sandbox.upload("hana", kitsune, "crash.log", b"boom")
    stub = client.conversations_history(channel=kitsune)["messages"][0]["files"][0]
    assert stub["file_access"] == "check_file_info"
    assert "url_private" not in stub
    assert client.files_info(file=stub["id"])["file"]["name"] == "crash.log"


def test_a_missing_scope_is_named() -> None:
    manifest = Manifest(scopes=frozenset({"chat:write", "channels:history"}))
    workspace = demo_scene()
    with Sandbox(workspace, manifest) as sandbox:
        client = connect_client(sandbox)
        channel = workspace.find_channel("ext-kitsune")
        body = refusal(
            lambda: client.reactions_add(channel=channel.id, timestamp="1.0", name="eyes")
        )
        assert body["error"] == "missing_scope"
        assert body["needed"] == "reactions:write"
        assert body["provided"] == "channels:history,chat:write"
        client.conversations_history(channel=channel.id)
        channel.is_private = True
        private = refusal(lambda: client.conversations_history(channel=channel.id))
        assert private["needed"] == "groups:history"


def test_posting_too_fast_is_answered_with_a_wait() -> None:
    workspace = demo_scene()
    with Sandbox(workspace, rate_limits=RateLimits(post_burst=3)) as sandbox:
        client = connect_client(sandbox)
        channel = workspace.find_channel("ext-kitsune").id
        for _ in range(3):
            client.chat_postMessage(channel=channel, text="x")
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=channel, text="x")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "1"
        assert caught.value.response["error"] == "ratelimited"
        other = workspace.find_channel("ext-lotus").id
        client.chat_postMessage(channel=other, text="each channel has its own measure")


def test_buckets_fill_again_with_time() -> None:
    now = [0.0]
    limits = RateLimits(tiers={3: 2}, clock=lambda: now[0])
    assert [limits.take("reactions.add", 3) for _ in range(3)] == [0, 0, 30]
    now[0] = 30.0
    assert limits.take("reactions.add", 3) == 0
    assert limits.take("chat.getPermalink", 0) == 0


def test_histories_are_tight_for_apps_outside_the_marketplace() -> None:
    limits = RateLimits(tight_history=True, clock=lambda: 0.0)
    assert [limits.take("conversations.history", 3) for _ in range(2)] == [0, 60]
