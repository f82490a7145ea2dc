"""The browser page of the local workspace: look at it, and act in it, as any of its people.

    GET  /                    the page; ?person=…&channel=…&thread=… or &tab=home|messages
    GET  /page/pane/<name>    one pane of it, for the same query
    GET  /page/live           what is out of date, as server-sent events (page_live.py)
    POST /page/act/<name>     an act of `person` (page_acts.py); JSON in, JSON out
    GET  /page/file/<id>      a file, for a person who may see it
    GET  /page/page.css, page.js, icon.svg

Give `page_routes` to `Sandbox(…, page=page_routes)`. Everything is rendered here; the script only
fetches panes again and posts acts. A content policy keeps whatever slips through from running.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

from bot.sandbox.errors import ActRefusedError
from bot.sandbox.page_acts import act
from bot.sandbox.page_live import live_events
from bot.sandbox.page_panes import PANE_TEMPLATES, Panes
from bot.sandbox.page_place import find_place, linked_place
from bot.sandbox.records import Json
from bot.sandbox.server import Sandbox

_FOLDER = Path(__file__).parent / "page"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_SHOWN_AS_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Everything else is downloaded: an SVG or an HTML file would run as part of this page."""


def page_routes(sandbox: Sandbox) -> list[Route]:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = _Page(sandbox, environment)
    return [
        Route("/", page.whole),
        Route("/page/pane/{name}", page.pane),
        Route("/page/live", page.live),
        Route("/page/act/{name}", page.act, methods=["POST"]),
        Route("/page/file/{file}", page.file),
        Route("/archives/{channel}/{stamp}", page.linked),
        Route("/page/page.css", _asset("page.css", "text/css")),
        Route("/page/page.js", _asset("page.js", "text/javascript")),
        Route("/page/icon.svg", _asset("icon.svg", "image/svg+xml")),
    ]


class _Page:
    def __init__(self, sandbox: Sandbox, environment: Environment) -> None:
        self._sandbox = sandbox
        self._panes = Panes(sandbox, environment)

    # Plain functions: the framework runs them in threads, where waiting for the lock harms nobody.

    def whole(self, request: Request) -> Response:
        place = find_place(self._sandbox.workspace, request.query_params)
        return HTMLResponse(self._panes.render("page.html", place), headers=_HEADERS)

    def pane(self, request: Request) -> Response:
        template = PANE_TEMPLATES.get(request.path_params["name"])
        if template is None:
            return PlainTextResponse("There is no such pane.", 404)
        place = find_place(self._sandbox.workspace, request.query_params)
        extra = {"ts": request.query_params.get("ts", "")}
        return HTMLResponse(self._panes.render(template, place, extra), headers=_HEADERS)

    def linked(self, request: Request) -> Response:
        """Where a message's own address leads, as apps put it into buttons and words."""
        person = request.query_params.get("person", "")
        channel, stamp = request.path_params["channel"], request.path_params["stamp"]
        found = linked_place(self._sandbox.workspace, person, channel, stamp)
        if found is None:
            return PlainTextResponse("There is no such message.", 404)
        return RedirectResponse(found, 303, headers=_HEADERS)

    def file(self, request: Request) -> Response:
        workspace = self._sandbox.workspace
        file = workspace.files.get(request.path_params["file"])
        person = workspace.people.get(request.query_params.get("person", ""))
        if file is None or person is None or file.is_deleted:
            return PlainTextResponse("There is no such file.", 404)
        channels = {channel.id for channel in workspace.channels_of(person)}
        if file.uploader != person.id and not channels.intersection(file.channels):
            return PlainTextResponse("This person may not see the file.", 403)
        is_image = file.mimetype in _SHOWN_AS_IMAGES
        disposition = "inline" if is_image else "attachment"
        headers = _HEADERS | {
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(file.name, safe='')}"
        }
        kind = file.mimetype if is_image else "application/octet-stream"
        return Response(file.content, media_type=kind, headers=headers)

    async def live(self, request: Request) -> Response:
        place = find_place(self._sandbox.workspace, request.query_params)
        reached = request.headers.get("last-event-id") or request.query_params.get("since", "0")
        since = int(reached) if reached.isdecimal() else 0
        events = live_events(self._sandbox, place.person, since)
        return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)

    async def act(self, request: Request) -> Response:
        if not _comes_from_the_page(request):
            return JSONResponse({"ok": False, "error": "This did not come from the page."}, 403)
        try:
            body = _read_object(await request.body())
            name = request.path_params["name"]
            result = await run_in_threadpool(act, self._sandbox, name, body)
        except ActRefusedError as error:
            return JSONResponse({"ok": False, "error": error.reason}, 409)
        return JSONResponse({"ok": True, **result})


def _comes_from_the_page(request: Request) -> bool:
    """A page elsewhere can neither send JSON without asking first, nor hide where it is from."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _read_object(body: bytes) -> Json:
    try:
        content: Any = json.loads(body)
    except ValueError as error:
        raise ActRefusedError(f"The body is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ActRefusedError("The body must be a JSON object.")
    return content


def _asset(name: str, kind: str) -> Callable[[Request], Response]:
    def serve(_request: Request) -> Response:
        return FileResponse(_FOLDER / name, media_type=kind, headers={"Cache-Control": "no-cache"})

    return serve
