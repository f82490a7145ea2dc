"""Calls to Slack, with outcomes sorted by what to do next. Retries belong to the outbox."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient

from bot.content.blocks import escape
from bot.desk.errors import GiveUp, OutcomeUnknown, TryLater
from bot.service.ports import FileInfo, Page, Profile
from bot.slack.files import fetch, file_info, put
from bot.slack.payloads import past_edit, past_message

TIME_OUT = 10
"""Seconds for one call. Slack answers in well under one; ten is a hanging connection."""
PERHAPS_DONE = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
)
"""Slack's reference says of these that the call may have succeeded before the error."""
NOT_DONE = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"})
_MANY = 200
_CLOCKS_DIFFER = 120.0
"""Seconds by which our clock may be ahead of Slack's."""
_ERROR_NAME = re.compile(r"[a-z0-9_]+")


def web_client(token: str, base_url: str) -> WebClient:
    """A client without retries of its own: those post twice when an answer is lost."""
    return WebClient(token=token or None, base_url=base_url, timeout=TIME_OUT, retry_handlers=[])


class Gateway:
    """`bot.service.ports.SlackGateway` over slack_sdk."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def at(self, workspace: str = "", channel: str = "") -> Gateway:  # noqa: ARG002
        """`bot.service.ports.Slack` where there is one workspace."""
        return self

    def call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer = self._client.api_call(method, json=dict(arguments))
        except SlackApiError as error:
            raise self._refused(method, error) from error
        except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise _broken(method, error) from error
        return _data(answer.data)

    def respond(self, url: str, payload: Mapping[str, Any]) -> None:
        webhook = WebhookClient(url, timeout=TIME_OUT, retry_handlers=[])
        try:
            answer = webhook.send_dict(dict(payload))
        except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise _broken("response_url", error) from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise TryLater(f"response_url answered {answer.status_code}")
        if answer.status_code != 200:
            raise GiveUp(f"response_url answered {answer.status_code}")

    def find_posted(self, channel: str, thread_ts: str, key: str, since: datetime) -> str:
        method = "conversations.replies" if thread_ts else "conversations.history"
        arguments: dict[str, Any] = {
            "channel": channel,
            "include_all_metadata": True,
            "limit": _MANY,
            # Our clock and Slack's may differ a little.
            "oldest": f"{since.timestamp() - _CLOCKS_DIFFER:.6f}",
        }
        if thread_ts:
            arguments["ts"] = thread_ts
        found = [
            str(message["ts"])
            for message in self._pages(method, arguments)
            if _key_of(message) == key
        ]
        return min(found, key=float, default="")

    # --- files --------------------------------------------------------------------------------

    def file(self, file_id: str) -> FileInfo | None:
        try:
            return file_info(self._read("files.info", {"file": file_id}))
        except GiveUp:
            return None

    def fetch(self, file: FileInfo, largest: int, into: IO[bytes]) -> bool:
        host = urlsplit(self._client.base_url).hostname or ""
        return fetch(file, self._client.token or "", host, largest, into)

    def upload(self, name: str, size: int, content: IO[bytes], alt: str = "") -> str:
        wanted = {"filename": name, "length": size, **({"alt_txt": alt} if alt else {})}
        asked = self._read("files.getUploadURLExternal", wanted)
        put(str(asked["upload_url"]), content, size)
        return str(asked["file_id"])

    def share(self, file_id: str, title: str, channel: str, thread_ts: str, comment: str) -> None:
        method = "files.completeUploadExternal"
        try:
            self._client.files_completeUploadExternal(
                files=[{"id": file_id, "title": title}],
                channel_id=channel,
                thread_ts=thread_ts or None,
                initial_comment=escape(comment),
            )
        except SlackApiError as error:
            raise self._refused(method, error) from error
        except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise _broken(method, error) from error

    def find_shared(self, channel: str, thread_ts: str, file_id: str, since: datetime) -> str:
        method = "conversations.replies" if thread_ts else "conversations.history"
        arguments: dict[str, Any] = {"channel": channel, "limit": _MANY}
        if thread_ts:
            arguments["ts"] = thread_ts
        else:
            arguments["oldest"] = f"{since.timestamp() - _CLOCKS_DIFFER:.6f}"
        for message in self._pages(method, arguments):
            if any(file.get("id") == file_id for file in message.get("files") or ()):
                return str(message["ts"])
        return ""

    def profile(self, user: str) -> Profile | None:
        try:
            found = self._read("users.info", {"user": user, "include_locale": True})
        except GiveUp:
            return None
        person = found.get("user", {})
        profile = person.get("profile", {})
        name = (
            profile.get("display_name")
            or profile.get("real_name")
            or person.get("real_name")
            or person.get("name")
            or user
        )
        return Profile(
            user=user,
            team=str(person.get("team_id") or ""),
            name=str(name),
            language=str(person.get("locale") or "")[:2],
            bot=bool(person.get("is_bot")),
            email=str(profile.get("email") or ""),
            time_zone=str(person.get("tz") or ""),
            gone=bool(person.get("deleted")),
        )

    def channel_name(self, channel: str) -> str:
        found = self._read("conversations.info", {"channel": channel})
        return str(found.get("channel", {}).get("name") or channel)

    def past(self, channel: str, thread_ts: str, since: datetime, cursor: str) -> Page:
        arguments: dict[str, Any] = {
            "channel": channel,
            "oldest": f"{since.timestamp():.6f}",
            "limit": _MANY,
            "include_all_metadata": True,
        }
        if thread_ts:
            arguments["ts"] = thread_ts
        if cursor:
            arguments["cursor"] = cursor
        method = "conversations.replies" if thread_ts else "conversations.history"
        answer = self._read(method, arguments)
        found = (
            arrival
            for message in answer.get("messages", ())
            for arrival in (past_message(channel, message), past_edit(channel, message))
        )
        return Page([arrival for arrival in found if arrival is not None], _next_cursor(answer))

    def still_there(self, channel: str, thread_ts: str, ts: str) -> bool:
        only_it = {"oldest": ts, "latest": ts, "inclusive": True, "limit": _MANY}
        answer = self._read(
            "conversations.replies", {"channel": channel, "ts": thread_ts, **only_it}
        )
        return any(
            str(message.get("ts")) == ts and message.get("subtype") != "tombstone"
            for message in answer.get("messages", ())
        )

    def identity(self) -> Mapping[str, Any]:
        """`auth.test`."""
        return self._read("auth.test", {})

    def granted_scopes(self) -> frozenset[str]:
        """What the token may do, from the `x-oauth-scopes` header; empty when it is not sent."""
        answer = self._ask("auth.test", {})
        for header, value in answer.headers.items():
            if header.lower() == "x-oauth-scopes":
                written = value[0] if isinstance(value, list) else value
                return frozenset(scope.strip() for scope in written.split(",") if scope.strip())
        return frozenset()

    def _refused(self, method: str, error: SlackApiError) -> TryLater | OutcomeUnknown | GiveUp:
        return _sorted(method, error)

    def _pages(self, method: str, arguments: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        while True:
            answer = self._read(method, {**arguments, **({"cursor": cursor} if cursor else {})})
            yield from answer.get("messages", ())
            cursor = _next_cursor(answer)
            if not cursor:
                return

    def _read(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return _data(self._ask(method, arguments).data)

    def _ask(self, method: str, arguments: Mapping[str, Any]) -> SlackResponse:
        """A call that changes nothing: whatever went wrong, it may simply be repeated."""
        try:
            return self._client.api_call(method, params=dict(arguments))
        except SlackApiError as error:
            found = self._refused(method, error)
            if isinstance(found, OutcomeUnknown):
                raise TryLater(str(found), found.retry_after) from error
            raise found from error
        except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise TryLater(f"{method}: {error}") from error


def _data(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, Mapping) else {}


def _next_cursor(answer: Mapping[str, Any]) -> str:
    return str((answer.get("response_metadata") or {}).get("next_cursor") or "")


def _key_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    return str((metadata.get("event_payload") or {}).get("key") or "")


def _sorted(method: str, error: SlackApiError) -> TryLater | OutcomeUnknown | GiveUp:
    answer = error.response
    status = int(getattr(answer, "status_code", 0) or 0)
    name = str(answer.get("error") or "") if isinstance(getattr(answer, "data", None), dict) else ""
    if not _ERROR_NAME.fullmatch(name):
        # A proxy's page or half an answer, which the SDK puts here: nobody knows what was done.
        name = ""
    wish = _retry_after(answer)
    if status == 429 or name in NOT_DONE:
        # Proxies between us have answered 429 for posts that Slack had taken.
        return OutcomeUnknown(f"{method}: ratelimited", wish if wish is not None else 1.0)
    if status >= 500 or name in PERHAPS_DONE or not name:
        return OutcomeUnknown(f"{method}: {name or f'no answer of Slack, status {status}'}", wish)
    details = "; ".join((answer.get("response_metadata") or {}).get("messages") or ())
    return GiveUp(f"{method}: {details} {name}" if details else f"{method}: {name}")


def _retry_after(answer: Any) -> float | None:
    headers = getattr(answer, "headers", None) or {}
    for header, value in headers.items():
        if header.lower() == "retry-after":
            written = value[0] if isinstance(value, list) else value
            try:
                return float(written)
            except ValueError:
                return None
    return None


def _broken(method: str, error: Exception) -> TryLater | OutcomeUnknown:
    """Refused before anything was sent, or broken while or after it was."""
    if isinstance(error, HTTPError):
        return OutcomeUnknown(f"{method}: {error.code}")
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ConnectionRefusedError) or "Name or service not known" in str(reason):
        return TryLater(f"{method}: Slack cannot be reached ({reason})")
    return OutcomeUnknown(f"{method}: {reason}")
