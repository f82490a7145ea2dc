"""Slack's JSON → arrivals: the only file that knows what Slack's payloads look like.

Facts that decide the code (Slack's reference and what was tried):
- the author's home workspace stands in `user_team`, else in `team`, each only when it begins with
  T; the outer `team_id` is the installation's;
- a press by somebody of another organisation carries their workspace in `user.team_id`;
- one mention comes as `message` and as `app_mention`, with two event ids.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.desk import arrivals as a
from bot.service.forms import shown_values

LONGEST_TEXT = 40_000
"""Slack cuts messages at 40,000 characters itself; more than that is not a person's message."""
_LONGEST_COMMAND = 3000
_LONGEST_NAME = 255
_PLAIN = frozenset({"", "file_share", "thread_broadcast", "me_message"})


Kind = TypeVar("Kind", bound=a.Arrival, covariant=True)


@dataclass(frozen=True, slots=True)
class Identified(Generic[Kind]):
    """An arrival with what makes it the same when Slack sends it again."""

    arrival: Kind
    key: str


def from_event(body: Mapping[str, Any]) -> Identified[a.Arrival] | None:
    """An Events API body; None for what needs no handling."""
    event: Mapping[str, Any] = body.get("event", {})
    arrival = _event(event, body)
    if arrival is None:
        return None
    return Identified(arrival, str(body.get("event_id") or f"event:{json.dumps(event)[:200]}"))


def past_message(channel: str, message: Mapping[str, Any]) -> a.Arrival | None:
    """A message of the history as the arrival it would have been; None as in `from_event`."""
    return _message({**message, "channel": channel}, {})


def past_edit(channel: str, message: Mapping[str, Any]) -> a.MessageEdited | None:
    """The last edit of a person's message of the history; None where there was none."""
    posted, edited = past_message(channel, message), message.get("edited") or {}
    if not isinstance(posted, a.MessagePosted) or not edited.get("ts"):
        return None
    return a.MessageEdited(
        user=posted.user,
        team=posted.team,
        channel=channel,
        ts=posted.ts,
        text=posted.text,
        thread_ts=posted.thread_ts,
        direct=posted.direct,
        stamp=str(edited["ts"]),
    )


def _event(event: Mapping[str, Any], body: Mapping[str, Any]) -> a.Arrival | None:
    channel = str(event.get("channel") or "")
    match event.get("type"):
        case "message" | "app_mention":
            return _message(event, body)
        case "reaction_added" | "reaction_removed" as kind:
            item = event.get("item", {})
            mark = a.ReactionAdded if kind == "reaction_added" else a.ReactionRemoved
            return mark(
                user=str(event.get("user", "")),
                channel=str(item.get("channel", "")),
                ts=str(item.get("ts", "")),
                name=str(event.get("reaction", "")),
            )
        case "app_home_opened" if event.get("tab", "home") == "home":
            return a.HomeOpened(user=str(event["user"]))
        case "member_joined_channel":
            return a.ChannelJoined(user=str(event["user"]), channel=channel)
        case "channel_shared":
            return a.ChannelShared(user="", channel=channel)
        case "channel_unshared":
            return a.ChannelUnshared(user="", channel=channel)
        case "channel_archive" | "group_archive":
            return a.ChannelArchived(user="", channel=channel)
        case "channel_unarchive" | "group_unarchive":
            return a.ChannelUnarchived(user="", channel=channel)
        case "channel_left" | "group_left":
            return a.BotRemoved(user="", channel=channel)
        case "user_change" if (event.get("user") or {}).get("deleted"):
            return a.PersonLeft(user=str(event["user"]["id"]))
        case "channel_id_changed":
            return a.ChannelIdChanged(
                user="", old=str(event["old_channel_id"]), new=str(event["new_channel_id"])
            )
        case "app_uninstalled":
            return a.AppRemoved(user="", at=float(body.get("event_time") or 0))
        case "tokens_revoked" if (event.get("tokens") or {}).get("bot"):
            return a.AppRemoved(user="", at=float(body.get("event_time") or 0))
        case _:
            return None


def _message(event: Mapping[str, Any], body: Mapping[str, Any]) -> a.Arrival | None:
    channel = str(event.get("channel", ""))
    subtype = str(event.get("subtype") or "")
    if subtype in ("message_changed", "message_deleted"):
        return _changed(event, channel)
    if event.get("bot_id") or subtype == "bot_message":
        return _own(event, body)
    if subtype not in _PLAIN or not event.get("user"):
        return None
    return a.MessagePosted(
        user=str(event["user"]),
        team=home_team(event),
        channel=channel,
        ts=str(event["ts"]),
        text=_words(event.get("text"), LONGEST_TEXT),
        thread_ts=_thread(event),
        direct=event.get("channel_type") == "im" or channel.startswith("D"),
        files=tuple(
            a.Attachment(str(file.get("id") or ""), _words(file.get("name"), _LONGEST_NAME))
            for file in event.get("files") or ()
        ),
    )


def _changed(event: Mapping[str, Any], channel: str) -> a.Arrival | None:
    """Somebody edited or deleted a message; Slack's own changes, as a preview, are none."""
    inner, previous = event.get("message") or {}, event.get("previous_message") or {}
    if inner.get("bot_id") or previous.get("bot_id"):
        return None
    # A deleted message with replies stays as a tombstone, which Slack calls a change.
    if event.get("subtype") == "message_deleted" or inner.get("subtype") == "tombstone":
        return a.MessageDeleted(
            user=str(previous.get("user") or ""),
            channel=channel,
            ts=str(event.get("deleted_ts") or inner.get("ts") or ""),
            thread_ts=_thread(previous),
        )
    if inner.get("text") == previous.get("text"):
        return None
    return a.MessageEdited(
        user=str(inner.get("user", "")),
        team=home_team(inner),
        channel=channel,
        ts=str(inner.get("ts", "")),
        text=_words(inner.get("text"), LONGEST_TEXT),
        thread_ts=_thread(inner),
        direct=event.get("channel_type") == "im" or channel.startswith("D"),
        stamp=str((inner.get("edited") or {}).get("ts") or event.get("event_ts") or ""),
    )


def _words(text: object, limit: int) -> str:
    """People's words, without what no database stores: a zero byte, half of a surrogate pair.

    Refused by the database, such a message would never be acknowledged, and so be lost.
    """
    written = str(text or "")[:limit].replace("\x00", " ")
    return written.encode("utf-8", "replace").decode("utf-8")


def _own(event: Mapping[str, Any], body: Mapping[str, Any]) -> a.Arrival | None:
    """Our own message with its key; other bots' messages are nobody's request."""
    app = event.get("app_id")
    if app and body.get("api_app_id") and app != body["api_app_id"]:
        return None
    metadata = event.get("metadata") or {}
    key = (metadata.get("event_payload") or {}).get("key")
    if not key:
        return None
    return a.OwnMessageSeen(
        user="", channel=str(event.get("channel", "")), ts=str(event.get("ts", "")), key=str(key)
    )


def _thread(event: Mapping[str, Any]) -> str:
    """Empty for the root itself, which Slack also gives a `thread_ts` once it has replies."""
    thread = str(event.get("thread_ts") or "")
    return "" if thread == event.get("ts") else thread


def home_team(event: Mapping[str, Any]) -> str:
    """The author's home workspace, empty when the payload does not say."""
    for name in ("user_team", "team"):
        team = event.get(name)
        if isinstance(team, dict):
            team = team.get("id")
        if isinstance(team, str) and team.startswith(("T", "E")):
            return team
    return ""


def press_of(body: Mapping[str, Any]) -> Identified[a.ButtonPressed]:
    """The (first) button of a `block_actions` body."""
    action: Mapping[str, Any] = body["actions"][0]
    user = body["user"]
    container = body.get("container", {})
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    chosen = action.get("selected_option") or {}
    action_id, value = str(action.get("action_id", "")), action.get("value")
    if action_id.startswith("menu."):
        # One menu holds several actions: each option names its own, `form.assign|12`.
        action_id, _, value = str(chosen.get("value") or "").partition("|")
    message_ts = str(message.get("ts") or container.get("message_ts") or "")
    thread_ts = str(message.get("thread_ts") or container.get("thread_ts") or "")
    press = a.ButtonPressed(
        user=str(user["id"]),
        team=str(user.get("team_id") or ""),
        action=action_id,
        value=str(value or chosen.get("value") or ""),
        channel=channel,
        message_ts=message_ts,
        # A root that has replies carries its own ts here: it is no reply for that.
        thread_ts="" if thread_ts == message_ts else thread_ts,
        name=str(user.get("name") or user.get("username") or ""),
        stamp=str(action.get("action_ts") or body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
    )
    return Identified(press, f"action:{press.team}:{press.user}:{press.stamp}:{press.action}")


def form_of(body: Mapping[str, Any]) -> Identified[a.FormSubmitted]:
    """A `view_submission` body. The same view submitted twice is one."""
    view = body["view"]
    user = body["user"]
    form = a.FormSubmitted(
        user=str(user["id"]),
        team=str(user.get("team_id") or (body.get("team") or {}).get("id") or ""),
        form=str(view.get("callback_id", "")),
        view_id=str(view["id"]),
        context=context_of(view),
        values={name: _words(value, LONGEST_TEXT) for name, value in shown_values(view).items()},
        name=str(user.get("name") or user.get("username") or ""),
    )
    return Identified(form, f"view:{form.view_id}")


def context_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What the view was opened with; empty when it is none of ours."""
    try:
        stored = json.loads(view.get("private_metadata") or "{}")
    except json.JSONDecodeError:
        return {}
    if not isinstance(stored, dict):
        return {}
    return {str(name): str(value) for name, value in stored.items()}


def by_block(view: Mapping[str, Any], problems: Mapping[str, str]) -> dict[str, str]:
    """Complaints by the ids that the view's blocks have: `text` may stand there as `text#saved`."""
    ids = [str(block.get("block_id", "")) for block in view.get("blocks", ())]
    shown = {block_id.partition("#")[0]: block_id for block_id in ids}
    return {shown.get(name, name): words for name, words in problems.items()}


def command_of(body: Mapping[str, Any]) -> Identified[a.CommandGiven]:
    """A slash command. Slack gives every use its own trigger id."""
    given = a.CommandGiven(
        user=str(body["user_id"]),
        team=str(body.get("user_team_id") or body.get("team_id") or ""),
        command=str(body["command"]),
        text=_words(body.get("text"), _LONGEST_COMMAND),
        channel=str(body.get("channel_id") or ""),
        response_url=str(body.get("response_url") or ""),
        name=str(body.get("user_name") or ""),
    )
    return Identified(given, f"command:{body.get('trigger_id')}")
