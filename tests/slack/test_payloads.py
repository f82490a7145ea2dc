"""Slack's JSON becomes what people did, and is the same when Slack sends it again."""

from __future__ import annotations

from typing import Any

import pytest

from bot.desk import arrivals as a
from bot.slack.payloads import LONGEST_TEXT, command_of, form_of, from_event, press_of

Json = dict[str, Any]


def event(**values: Any) -> Json:
    """An Events API body about a message in a shared channel."""
    body = {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": "U2LEO",
        "text": "prod-1 is slow",
        "ts": "1.000100",
        **values,
    }
    return {
        "event_id": "Ev1",
        "team_id": "T0US",
        "api_app_id": "A0US",
        "event": {name: value for name, value in body.items() if value is not None},
    }


def arrival(**values: Any) -> a.Arrival | None:
    found = from_event(event(**values))
    return found.arrival if found else None


def posted(**values: Any) -> a.MessagePosted:
    found = arrival(**values)
    assert isinstance(found, a.MessagePosted)
    return found


# --- messages -----------------------------------------------------------------------------------


def test_a_plain_message() -> None:
    found = from_event(event(team="T1CUSTOMER"))
    assert found is not None
    assert found.key == "Ev1"
    assert found.arrival == a.MessagePosted(
        user="U2LEO", team="T1CUSTOMER", channel="C1", ts="1.000100", text="prod-1 is slow"
    )


@pytest.mark.parametrize(
    ("values", "team"),
    [
        ({"user_team": "T1", "team": "T0US"}, "T1"),
        ({"team": "T1"}, "T1"),
        ({"user_team": "E1GRID"}, "E1GRID"),
        ({"team": {"id": "T1"}}, "T1"),
        ({"user_team": "U1NONSENSE", "team": "T1"}, "T1"),
        ({"source_team": "T1"}, ""),
        ({}, ""),
    ],
    ids=[
        "the author's own comes first",
        "the event's",
        "an enterprise grid",
        "as an object",
        "nonsense is passed over",
        "where the channel lives says nothing",
        "not said: unknown, never ours",
    ],
)
def test_the_home_workspace_of_an_author(values: Json, team: str) -> None:
    assert posted(**values).team == team


def test_a_mention_is_the_same_message_under_either_event() -> None:
    as_message = posted(text="<@U0BOT> help")
    as_mention = posted(type="app_mention", text="<@U0BOT> help", channel_type=None)
    assert as_message == as_mention


def test_a_reply_belongs_to_its_thread_and_a_root_to_none() -> None:
    assert posted(thread_ts="0.5").thread_ts == "0.5"
    assert posted(thread_ts="1.000100", reply_count=2).thread_ts == ""


@pytest.mark.parametrize(
    ("values", "direct"),
    [
        ({"channel": "D1", "channel_type": "im"}, True),
        ({"channel": "D1", "channel_type": None}, True),
        ({"channel_type": "group"}, False),
        ({"channel_type": "mpim"}, False),
    ],
)
def test_a_dm_is_direct(values: Json, direct: bool) -> None:
    assert posted(**values).direct is direct


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_a_message_may_carry_more_than_words(subtype: str) -> None:
    assert posted(subtype=subtype).text == "prod-1 is slow"


def test_a_file_that_slack_connect_hides_is_known_by_its_id_alone() -> None:
    files = [{"id": "F1", "name": "error.log"}, {"id": "F2", "file_access": "check_file_info"}]
    assert posted(subtype="file_share", text="", files=files).files == (
        a.Attachment("F1", "error.log"),
        a.Attachment("F2"),
    )


@pytest.mark.parametrize("subtype", ["channel_join", "channel_topic", "tombstone", "reminder_add"])
def test_what_nobody_said_is_no_message(subtype: str) -> None:
    assert arrival(subtype=subtype) is None


def test_another_bots_message_is_nobodys_request() -> None:
    assert arrival(bot_id="B9", app_id="A9OTHER") is None
    assert arrival(subtype="bot_message", user=None, bot_id="B9") is None


def test_our_own_message_comes_back_with_its_key() -> None:
    ours = {"event_type": "supportbot_message", "event_payload": {"key": "opened:1"}}
    assert arrival(bot_id="B0BOT", app_id="A0US", metadata=ours) == a.OwnMessageSeen(
        user="", channel="C1", ts="1.000100", key="opened:1"
    )
    assert arrival(bot_id="B0BOT", app_id="A0US") is None


def test_another_apps_message_with_a_key_is_not_ours() -> None:
    metadata = {"event_type": "x", "event_payload": {"key": "opened:1"}}
    assert arrival(bot_id="B9", app_id="A9OTHER", metadata=metadata) is None


def test_an_edit_names_the_message_and_its_new_words() -> None:
    edit = arrival(
        subtype="message_changed",
        user=None,
        message={"user": "U2LEO", "user_team": "T1", "ts": "1.0", "text": "prod-2 is slow"},
        previous_message={"user": "U2LEO", "ts": "1.0", "text": "prod-1 is slow"},
    )
    assert edit == a.MessageEdited(
        user="U2LEO", team="T1", channel="C1", ts="1.0", text="prod-2 is slow"
    )


@pytest.mark.parametrize(
    "message",
    [
        {"user": "U2LEO", "ts": "1.0", "text": "same"},
        {"user": "U0BOT", "bot_id": "B0BOT", "ts": "1.0", "text": "other"},
    ],
    ids=["a link preview came", "our own message was updated"],
)
def test_an_edit_that_changes_no_ones_words_is_none(message: Json) -> None:
    previous = {"ts": "1.0", "text": "same"}
    assert arrival(subtype="message_changed", message=message, previous_message=previous) is None


def test_a_deletion_names_the_message() -> None:
    gone = arrival(
        subtype="message_deleted",
        user=None,
        deleted_ts="1.0",
        previous_message={"user": "U2LEO", "ts": "1.0", "text": "oops"},
    )
    assert gone == a.MessageDeleted(user="U2LEO", channel="C1", ts="1.0")


def test_a_deleted_message_with_replies_is_a_deletion_although_slack_calls_it_a_change() -> None:
    gone = arrival(
        subtype="message_changed",
        user=None,
        message={"user": "USLACKBOT", "subtype": "tombstone", "ts": "1.0", "text": "gone"},
        previous_message={"user": "U2LEO", "ts": "1.0", "thread_ts": "1.0", "text": "oops"},
    )
    assert gone == a.MessageDeleted(user="U2LEO", channel="C1", ts="1.0")


def test_an_edit_of_a_reply_knows_its_thread_and_its_moment() -> None:
    edit = arrival(
        subtype="message_changed",
        message={
            "user": "U2LEO", "ts": "2.0", "thread_ts": "1.0", "text": "new",
            "edited": {"user": "U2LEO", "ts": "3.0"},
        },
        previous_message={"user": "U2LEO", "ts": "2.0", "text": "old"},
    )  # fmt: skip
    assert isinstance(edit, a.MessageEdited)
    assert (edit.thread_ts, edit.stamp) == ("1.0", "3.0")
    assert edit.as_posted().root == "1.0"


@pytest.mark.parametrize(
    ("kind", "made"),
    [("reaction_added", a.ReactionAdded), ("reaction_removed", a.ReactionRemoved)],
)
def test_reactions_come_and_go(kind: str, made: type[a.Arrival]) -> None:
    item = {"type": "message", "channel": "C1", "ts": "1.0"}
    found = from_event(event(type=kind, user="U2LEO", reaction="eyes", item=item))
    assert found is not None
    assert found.arrival == made(user="U2LEO", channel="C1", ts="1.0", name="eyes")


def test_an_over_long_text_is_cut_where_slack_cuts_it() -> None:
    assert len(posted(text="x" * 100_000).text) == LONGEST_TEXT


@pytest.mark.parametrize("text", ["", "   ", "🎫🎫", ":tada:", "<@U0GONE>", None])
def test_a_message_without_words_is_still_a_message(text: str | None) -> None:
    assert posted(text=text).text == (text or "")


@pytest.mark.parametrize("text", ["null \x00 byte", "half a pair \ud83d"])
def test_characters_that_no_database_takes_are_replaced(text: str) -> None:
    cleaned = posted(text=text).text
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert cleaned.startswith(text[:4])


# --- other events -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"type": "reaction_added", "user": "U2", "reaction": "ticket",
             "item": {"type": "message", "channel": "C1", "ts": "1.0"}},
            a.ReactionAdded(user="U2", channel="C1", ts="1.0", name="ticket"),
        ),
        ({"type": "app_home_opened", "user": "U2", "tab": "home"}, a.HomeOpened(user="U2")),
        ({"type": "app_home_opened", "user": "U2", "tab": "messages"}, None),
        ({"type": "member_joined_channel", "user": "U0BOT", "channel": "C1"},
         a.ChannelJoined(user="U0BOT", channel="C1")),
        ({"type": "channel_shared", "channel": "C1", "connected_team_id": "T1"},
         a.ChannelShared(user="", channel="C1")),
        ({"type": "channel_unshared", "channel": "C1", "is_ext_shared": False},
         a.ChannelUnshared(user="", channel="C1")),
        ({"type": "channel_id_changed", "old_channel_id": "G1", "new_channel_id": "C1"},
         a.ChannelIdChanged(user="", old="G1", new="C1")),
        ({"type": "app_uninstalled"}, a.AppRemoved(user="")),
        ({"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"]}}, a.AppRemoved(user="")),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U2"], "bot": []}}, None),
        ({"type": "file_shared", "file_id": "F1", "user_id": "U2", "channel_id": "C1"}, None),
        ({"type": "something_new"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_other_events(body: Json, expected: a.Arrival | None) -> None:
    found = from_event({"event_id": "Ev1", "event": body})
    assert (found.arrival if found else None) == expected


# --- buttons, forms, commands -------------------------------------------------------------------


def press(**values: Any) -> Json:
    return {
        "type": "block_actions",
        "user": {"id": "U2LEO", "username": "leo", "team_id": "T1CUSTOMER"},
        "team": {"id": "T0US"},
        "container": {"type": "message", "message_ts": "1.0", "channel_id": "C1"},
        "channel": {"id": "C1"},
        "message": {"ts": "1.0", "thread_ts": "0.5"},
        "response_url": "https://hooks.invalid/1",
        "actions": [{"action_id": "do.claim", "value": "7", "action_ts": "9.0"}],
        **values,
    }


def test_a_press_by_an_external_member_carries_their_own_workspace() -> None:
    found = press_of(press())
    assert found.arrival == a.ButtonPressed(
        user="U2LEO", team="T1CUSTOMER", action="do.claim", value="7", channel="C1",
        message_ts="1.0", thread_ts="0.5", name="leo", stamp="9.0",
        response_url="https://hooks.invalid/1",
    )  # fmt: skip


def test_two_presses_of_one_button_have_two_keys_and_a_redelivery_the_same() -> None:
    again = press(actions=[{"action_id": "do.claim", "value": "7", "action_ts": "10.0"}])
    assert press_of(press()).key == press_of(press()).key
    assert press_of(press()).key != press_of(again).key
    somebody_else = press(user={"id": "U3", "team_id": "T1CUSTOMER"})
    assert press_of(press()).key != press_of(somebody_else).key


def test_a_choice_from_a_menu_is_its_value() -> None:
    chosen = {"action_id": "do.x", "action_ts": "9.0", "selected_option": {"value": "S2"}}
    assert press_of(press(actions=[chosen])).arrival.value == "S2"


def test_a_press_in_the_app_home_has_no_channel() -> None:
    body = press(channel=None, message=None, container={"type": "view"})
    assert (press_of(body).arrival.channel, press_of(body).arrival.message_ts) == ("", "")


def submitted(**view: Any) -> Json:
    return {
        "type": "view_submission",
        "team": {"id": "T1CUSTOMER"},
        "user": {"id": "U2LEO", "name": "leo"},
        "view": {
            "id": "V1",
            "callback_id": "request:get_cluster_support",
            "private_metadata": '{"channel": "C1", "thread": "1.0"}',
            "state": {
                "values": {
                    "cluster": {"value": {"type": "plain_text_input", "value": "prod-1"}},
                    "severity": {"value": {"type": "static_select",
                                           "selected_option": {"value": "S2"}}},
                    "version": {"value": {"type": "plain_text_input", "value": None}},
                    "target": {"value": {"type": "static_select", "selected_option": None}},
                }
            },
            **view,
        },
    }  # fmt: skip


def test_a_form_brings_its_values_and_what_it_was_opened_with() -> None:
    found = form_of(submitted())
    assert found.key == "view:V1"
    assert found.arrival.form == "request:get_cluster_support"
    assert found.arrival.team == "T1CUSTOMER"
    assert found.arrival.context == {"channel": "C1", "thread": "1.0"}
    assert found.arrival.values == {
        "cluster": "prod-1",
        "severity": "S2",
        "version": "",
        "target": "",
    }


@pytest.mark.parametrize("metadata", ["", "not json", "[1]", '"text"'])
def test_a_form_of_an_older_version_has_no_context(metadata: str) -> None:
    assert form_of(submitted(private_metadata=metadata)).arrival.context == {}


def test_a_command_with_its_words() -> None:
    found = command_of(
        {
            "command": "/support-status",
            "text": " SUP-1001 ",
            "user_id": "U2LEO",
            "user_name": "leo",
            "team_id": "T0US",
            "channel_id": "C1",
            "response_url": "https://hooks.invalid/1",
            "trigger_id": "13.37",
        }
    )
    assert found.key == "command:13.37"
    assert found.arrival == a.CommandGiven(
        user="U2LEO", team="T0US", command="/support-status", text=" SUP-1001 ", channel="C1",
        response_url="https://hooks.invalid/1", name="leo",
    )  # fmt: skip
