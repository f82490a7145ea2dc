"""Serves `/api/<method>`: token, scope, rate limit, faults on command, then the method itself."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import secrets
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.breaking import abort
from bot.sandbox.errors import ActRefusedError, ApiError
from bot.sandbox.faults import CallFault
from bot.sandbox.records import Installation, Json
from bot.sandbox.web_api.call import Call, Platform
from bot.sandbox.web_api.methods import METHODS, Method

SILENCE_SECONDS = 60.0
"""How long a silent line stays open when the fault does not say."""


class WebApi:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let silent lines go. Call it on the server's loop."""
        self._stopping.set()

    async def serve(self, request: Request) -> Response:
        name = request.path_params["method"]
        arguments = await read_arguments(request)
        fault = self._platform.faults.for_call(name, "before")
        if fault is not None and fault.answer != "ok":
            return await self._strike(request, fault)
        if fault is not None:
            await self._pause(fault.seconds)
        arguments |= basic_credentials(request)
        response = self._answer(name, arguments, bearer(request))
        fault = self._platform.faults.for_call(name, "after")
        if fault is not None and fault.answer != "ok":
            return await self._strike(request, fault)
        if fault is not None:
            await self._pause(fault.seconds)
        return response

    async def _strike(self, request: Request, fault: CallFault) -> Response:
        match fault.answer:
            case "ratelimited":
                await self._pause(fault.seconds)
                return too_many(fault.retry_after)
            case "http_500" | "http_503":
                await self._pause(fault.seconds)
                return PlainTextResponse(
                    "upstream trouble", int(fault.answer.removeprefix("http_"))
                )
            case "fatal_error" | "internal_error":
                await self._pause(fault.seconds)
                return JSONResponse({"ok": False, "error": fault.answer})
            case "timeout":
                await self._pause(fault.seconds or SILENCE_SECONDS)
        abort(request)
        return Response(status_code=500)

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except TimeoutError:
                return

    def _answer(self, name: str, arguments: Json, token: str) -> Response:
        platform = self._platform
        headers = {"X-Slack-Req-Id": secrets.token_hex(8)}
        try:
            method = METHODS.get(name)
            if method is None:
                raise ApiError("unknown_method", req_method=name)
            token = token or str(arguments.get("token", ""))
            call = Call(name, arguments, platform, self._caller(method, token), token)
            call.require_scope(*(method.scopes if method.caller == "bot" else ()))
            wait = platform.limits.take(
                name, method.tier, call.text("channel"), workspace=call.team
            )
            if wait:
                return too_many(wait)
            if method.caller == "bot":
                headers["X-OAuth-Scopes"] = platform.manifest.scope_header
                headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
            with platform.workspace.lock:
                body = {"ok": True, **method.answer(call)}
        except ApiError as error:
            body = {"ok": False, "error": error.error, **error.fields}
        except ActRefusedError:
            body = {"ok": False, "error": "channel_not_found"}
        return JSONResponse(body, headers=headers)

    def _caller(self, method: Method, token: str) -> Installation:
        """The installation that the token is for."""
        platform = self._platform
        if method.caller == "anybody":
            return platform.workspace.app
        if not token:
            raise ApiError("not_authed")
        if token not in (platform.bot_token, platform.app_token):
            if method.caller == "app":
                raise ApiError("not_allowed_token_type")
            return platform.oauth.installation_of(token)
        if not platform.workspace.app.is_installed:
            raise ApiError("account_inactive")
        if token != (platform.app_token if method.caller == "app" else platform.bot_token):
            raise ApiError("not_allowed_token_type")
        return platform.workspace.app


def too_many(retry_after: int) -> Response:
    return JSONResponse(
        {"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": str(retry_after)}
    )


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def basic_credentials(request: Request) -> Json:
    """`client_id` and `client_secret`, where a client names itself in the header."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": name, "client_secret": secret}


async def read_arguments(request: Request) -> Json:
    """From the query and a form or JSON body; the body wins."""
    arguments: Json = dict(request.query_params)
    body = await request.body()
    if not body:
        return arguments
    if "application/json" in request.headers.get("content-type", ""):
        try:
            sent = json.loads(body)
        except ValueError:
            return arguments
        return arguments | sent if isinstance(sent, dict) else arguments
    return arguments | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
