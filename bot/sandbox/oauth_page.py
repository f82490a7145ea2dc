"""`/oauth/v2/authorize`: the page on which a person allows the app in their organisation."""

from __future__ import annotations

import html
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.errors import ActRefusedError
from bot.sandbox.oauth import OAuth

_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1>{body}</body></html>"""


def consent_routes(oauth: OAuth) -> list[BaseRoute]:
    async def consent(request: Request) -> Response:
        try:
            if request.method == "GET":
                oauth.checked(dict(request.query_params))
                return HTMLResponse(_form(oauth))
            answer = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
            person = oauth.workspace.find_person(answer.get("person", ""))
            allows = answer.get("answer") == "allow"
            return RedirectResponse(oauth.consent(person, str(request.url), allow=allows), 302)
        except ActRefusedError as error:
            page = _PAGE.format(title="Something went wrong", body=html.escape(error.reason))
            return HTMLResponse(page, 400)

    return [Route("/oauth/v2/authorize", consent, methods=["GET", "POST"])]


def _form(oauth: OAuth) -> str:
    workspace = oauth.workspace
    people = [one for one in workspace.people.values() if not one.is_bot and not one.is_deleted]
    options = "".join(
        f'<option value="{one.id}">{html.escape(one.shown_name)}, '
        f"{html.escape(workspace.organisations[one.organisation].name)}</option>"
        for one in people
    )
    body = (
        f'<form method="post"><label>You are <select name="person">{options}</select></label>'
        '<button name="answer" value="allow">Allow</button>'
        '<button name="answer" value="cancel">Cancel</button></form>'
    )
    name = html.escape(workspace.app.name)
    return _PAGE.format(title=f"{name} asks for access to your workspace", body=body)
