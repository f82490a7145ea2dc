"""The HTTP face of the workspace: Web API, sockets, files, response addresses, control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from bot.sandbox.errors import ApiError
from bot.sandbox.oauth_page import consent_routes
from bot.sandbox.replies import answer_through_url
from bot.sandbox.socket_mode import SocketMode
from bot.sandbox.web_api.call import Call, Platform
from bot.sandbox.web_api.dispatch import WebApi, bearer, read_arguments
from bot.sandbox.web_api.files import visible_file

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>"


@dataclass(frozen=True, slots=True)
class _Doors:
    platform: Platform

    async def response_url(self, request: Request) -> Response:
        platform = self.platform
        answer = await read_arguments(request)
        try:
            door = platform.response_urls.use(request.path_params["key"])
            with platform.workspace.lock:
                answer_through_url(platform.workspace, door, answer)
        except ApiError as error:
            gone = error.error in ("invalid_url", "expired_url", "used_url")
            body = {"ok": False, "error": error.error, **error.fields}
            return JSONResponse(body, 404 if gone else 400)
        return PlainTextResponse("ok")

    async def upload(self, request: Request) -> Response:
        """The second step of an upload: the raw bytes."""
        content = await request.body()
        file = self.platform.workspace.files.get(request.path_params["file"])
        if file is None or file.is_complete:
            return PlainTextResponse("no such upload", 404)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        """Slack shows a login page, with status 200, to whoever has no right to the file."""
        _, _, file_id = request.path_params["key"].partition("-")
        token = bearer(request)
        try:
            app = self.platform.workspace.app
            if token != self.platform.bot_token:
                app = self.platform.oauth.installation_of(token)
            call = Call("download", {}, self.platform, app)
            call.require_scope("files:read")
            file = visible_file(call, file_id)
            if file.is_withheld:
                raise ApiError("access_denied")
        except ApiError:
            return HTMLResponse(LOGIN_PAGE)
        return Response(file.content, media_type=file.mimetype)


def create_app(
    platform: Platform,
    web_api: WebApi,
    socket_mode: SocketMode,
    control: Sequence[BaseRoute],
    extra_routes: Sequence[BaseRoute] = (),
    allowed_hosts: Sequence[str] = ("127.0.0.1", "localhost"),
) -> Starlette:
    """`extra_routes` come last, so a page may claim `/` and everything else that is free."""
    doors = _Doors(platform)
    routes: list[BaseRoute] = [
        Route("/api/{method}", web_api.serve, methods=["GET", "POST"]),
        WebSocketRoute("/link/", socket_mode.serve),
        Route("/response/{key}", doors.response_url, methods=["POST"]),
        Route("/upload/{file}", doors.upload, methods=["POST", "PUT"]),
        Route("/files-pri/{key}/{name:path}", doors.download),
        *consent_routes(platform.oauth),
        Mount("/sandbox", routes=list(control)),
        *extra_routes,
    ]
    # Only by these names: a page elsewhere must not reach us through a name of its own.
    guard = Middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts))
    return Starlette(routes=routes, middleware=[guard])
