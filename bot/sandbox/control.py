"""`/sandbox/…`: acts, faults and reading for processes other than Python tests.

    POST /sandbox/act/<name>    JSON: the act's arguments by name, as {"person": "hana", …}
    POST /sandbox/faults/<name> JSON: arguments of `Faults.<name>`
    GET  /sandbox/faults        what is set, and what has struck
    GET  /sandbox/sees          ?person=…&channel=…[&thread_ts=…]
    GET  /sandbox/modal         ?person=…
    GET  /sandbox/home          ?person=…
    GET  /sandbox/notices       ?person=…: what Slackbot told them
    GET  /sandbox/deliveries    attempts to reach the app, and whether any is under way
    GET  /sandbox/changes       ?since=<sequence>
    GET  /sandbox/workspace     organisations, people, channels

Bodies must be sent as application/json. A refused act answers 409 with the reason.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, is_dataclass
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.deliveries import Deliveries
from bot.sandbox.errors import ActRefusedError
from bot.sandbox.faults import Faults
from bot.sandbox.records import Json
from bot.sandbox.sight import Seen, SeenView
from bot.sandbox.workspace import Workspace

ACTS = (
    *("say", "upload", "edit", "delete", "unfurl", "react", "unreact", "pin", "open_dm"),
    *("join", "leave", "rename", "archive", "unarchive", "share", "unshare"),
    *("change_channel_id", "uninstall", "press", "press_in_modal", "press_in_home"),
    *("submit_view", "close_view", "open_home", "command", "message_shortcut", "global_shortcut"),
)
FAULTS = ("call", "deliver", "lag_history", "drop_sockets", "deafen_sockets", "clear")


class Controlled(Protocol):
    """What is asked of the sandbox; the acts are looked up by name."""

    @property
    def workspace(self) -> Workspace: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def deliveries(self) -> Deliveries: ...
    def sees(self, person: str, channel: str, thread_ts: str | None = None) -> list[Seen]: ...
    def modal(self, person: str) -> SeenView | None: ...
    def home(self, person: str) -> SeenView | None: ...
    def notices(self, person: str) -> list[str]: ...


class BadRequestError(Exception):
    """Answered with status 400."""


def control_routes(sandbox: Controlled) -> list[BaseRoute]:
    def get(path: str, read: Callable[[Request], Any]) -> Route:
        return Route(path, _answering(lambda request: run_in_threadpool(read, request)))

    async def act(request: Request) -> Any:
        name = request.path_params["name"]
        arguments = await _arguments(request)
        if name == "upload":
            arguments["content"] = _bytes(arguments.pop("content_base64", ""))
        return await _call(sandbox, name, ACTS, arguments)

    async def spoil(request: Request) -> Any:
        name = request.path_params["name"]
        return await _call(sandbox.faults, name, FAULTS, await _arguments(request))

    def changes(request: Request) -> Any:
        since = int(request.query_params.get("since", "0"))
        return [change.as_json() for change in sandbox.workspace.feed.since(since)]

    def sees(request: Request) -> Any:
        return sandbox.sees(
            _query(request, "person"),
            _query(request, "channel"),
            request.query_params.get("thread_ts"),
        )

    return [
        Route("/act/{name}", _answering(act), methods=["POST"]),
        Route("/faults/{name}", _answering(spoil), methods=["POST"]),
        get("/faults", lambda _request: sandbox.faults.as_json()),
        get("/sees", sees),
        get("/modal", lambda request: sandbox.modal(_query(request, "person"))),
        get("/home", lambda request: sandbox.home(_query(request, "person"))),
        get("/notices", lambda request: sandbox.notices(_query(request, "person"))),
        get("/deliveries", lambda _request: _deliveries(sandbox.deliveries)),
        get("/changes", changes),
        get("/workspace", lambda _request: _overview(sandbox.workspace)),
    ]


def _answering(work: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse({"ok": True, "result": _as_json(await work(request))})
        except ActRefusedError as error:
            return JSONResponse({"ok": False, "error": error.reason}, 409)
        except BadRequestError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 400)

    return endpoint


async def _call(target: object, name: str, allowed: tuple[str, ...], arguments: Json) -> Any:
    if name not in allowed:
        raise BadRequestError(f"There is no {name!r}; there are: {', '.join(allowed)}.")
    try:
        return await run_in_threadpool(getattr(target, name), **arguments)
    except (TypeError, ValueError) as error:
        raise BadRequestError(f"{name}: {error}") from error


async def _arguments(request: Request) -> Json:
    if "application/json" not in request.headers.get("content-type", ""):
        raise BadRequestError("Send the body as application/json.")
    try:
        content = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise BadRequestError(f"The body is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadRequestError("The body must be a JSON object.")
    return content


def _query(request: Request, name: str) -> str:
    value = request.query_params.get(name)
    if not value:
        raise BadRequestError(f"?{name}=… is missing.")
    return value


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise BadRequestError(f"content_base64: {error}") from error


def _as_json(result: Any) -> Any:
    if isinstance(result, list):
        return [_as_json(item) for item in result]
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else result


def _deliveries(deliveries: Deliveries) -> Json:
    return {
        "quiet": deliveries.wait_until_quiet(0),
        "undelivered": len(deliveries.undelivered),
        "attempts": [asdict(report) for report in list(deliveries.reports)],
    }


def _overview(workspace: Workspace) -> Json:
    with workspace.lock:
        return {
            "vendor": workspace.vendor.id,
            "app": asdict(workspace.app),
            "organisations": [asdict(one) for one in workspace.organisations.values()],
            "people": [asdict(one) for one in workspace.people.values()],
            "channels": [asdict(one) for one in workspace.channels.values()],
            "sequence": workspace.feed.sequence,
        }
