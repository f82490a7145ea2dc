"""The app in a second organisation: installed by OAuth, heard of, refreshed, revoked."""

from __future__ import annotations

import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.errors import ActRefusedError
from bot.sandbox.server import Sandbox

BACK = "https://bot.example/slack/oauth_redirect"


def no_token(sandbox: Sandbox) -> WebClient:
    return WebClient(base_url=sandbox.base_url, retry_handlers=[])


def address(sandbox: Sandbox, **changes: str) -> str:
    query = {"client_id": sandbox.oauth.client_id, "scope": "chat:write", "state": "s1"} | changes
    return f"{sandbox.authorize_url}?{urlencode(query)}"


def code_of(sandbox: Sandbox, person: str = "leo") -> str:
    sandbox.oauth.redirect_urls = [BACK]
    back = sandbox.consent(person, address(sandbox))
    assert back.startswith(BACK)
    return parse_qs(urlsplit(back).query)["code"][0]


def exchange(sandbox: Sandbox, **arguments: str) -> Any:
    names = {"client_id": sandbox.oauth.client_id, "client_secret": sandbox.oauth.client_secret}
    return no_token(sandbox).oauth_v2_access(**(names | arguments)).data


def error(sandbox: Sandbox, **arguments: str) -> str:
    with pytest.raises(SlackApiError) as caught:
        exchange(sandbox, **arguments)
    return str(caught.value.response["error"])


def installed(sandbox: Sandbox, person: str = "leo") -> WebClient:
    token = exchange(sandbox, code=code_of(sandbox, person))["access_token"]
    return WebClient(token=token, base_url=sandbox.base_url, retry_handlers=[])


def refusal(client: WebClient) -> str:
    with pytest.raises(SlackApiError) as caught:
        client.auth_test()
    return str(caught.value.response["error"])


def test_a_code_is_good_for_one_exchange_by_the_right_app(sandbox: Sandbox) -> None:
    code = code_of(sandbox)
    assert error(sandbox, code=code, client_id="9.9") == "invalid_client_id"
    assert error(sandbox, code=code, client_secret="other") == "bad_client_secret"
    assert error(sandbox, code="other") == "invalid_code"
    assert error(sandbox, code=code, redirect_uri="https://other.example/") == "bad_redirect_uri"
    answer = exchange(sandbox, code=code)
    assert answer["team"]["name"] == "Borealis Pay"
    assert answer["access_token"].startswith("xoxb-")
    assert error(sandbox, code=code) == "code_already_used"


def test_the_person_may_refuse_and_a_foreign_address_is_not_sent_to(sandbox: Sandbox) -> None:
    sandbox.oauth.redirect_urls = [BACK]
    refused = sandbox.consent("leo", address(sandbox), allow=False)
    assert parse_qs(urlsplit(refused).query) == {"error": ["access_denied"], "state": ["s1"]}
    with pytest.raises(ActRefusedError, match="redirect_uri"):
        sandbox.consent("leo", address(sandbox, redirect_uri="https://evil.example/"))


def test_the_page_asks_and_sends_back(sandbox: Sandbox) -> None:
    sandbox.oauth.redirect_urls = [f"{sandbox.page_url}sandbox/workspace"]
    with urllib.request.urlopen(address(sandbox), timeout=5) as page:
        assert "Leo Strand, Borealis Pay" in page.read().decode()
    leo = sandbox.workspace.find_person("leo").id
    answer = urlencode({"person": leo, "answer": "allow"}).encode()
    with urllib.request.urlopen(address(sandbox), data=answer, timeout=5) as landed:
        assert {"code", "state"} == set(parse_qs(urlsplit(landed.url).query))


def test_each_token_sees_and_reaches_its_own_organisation(sandbox: Sandbox) -> None:
    workspace = sandbox.workspace
    theirs = installed(sandbox)
    me = theirs.auth_test()
    borealis = workspace.find_person("leo").organisation
    assert me["team_id"] == borealis
    bot = workspace.people[str(me["user_id"])]
    inside = workspace.add_channel(
        "inside", [workspace.find_person("leo"), bot], owner=workspace.organisations[borealis]
    )
    posted = theirs.chat_postMessage(channel=inside.id, text="hello")
    assert posted["message"]["bot_id"] == me["bot_id"]
    ours = WebClient(token=sandbox.bot_token, base_url=sandbox.base_url, retry_handlers=[])
    for client, channel in ((ours, inside.id), (theirs, workspace.find_channel("support-desk").id)):
        with pytest.raises(SlackApiError, match="channel_not_found"):
            client.chat_postMessage(channel=channel, text="hello")
    with pytest.raises(SlackApiError, match="user_not_found"):
        theirs.users_info(user=workspace.find_person("hana").id)


def test_events_name_the_installation_they_are_for(sandbox: Sandbox) -> None:
    workspace = sandbox.workspace
    bot = workspace.people[str(installed(sandbox).auth_test()["user_id"])]
    leo = workspace.find_person("leo")
    borealis = workspace.organisations[leo.organisation]
    inside = workspace.add_channel("inside", [leo, bot], owner=borealis)
    sandbox.say("leo", inside, "hello")
    sandbox.say("leo", "ext-borealis", "hello there")
    teams = [body["authorizations"][0]["team_id"] for body in sandbox.deliveries.sent]
    assert teams == [borealis.id, workspace.vendor.id]
    sandbox.uninstall(borealis)
    gone = list(sandbox.deliveries.sent)[-2:]
    assert [body["event"]["type"] for body in gone] == ["tokens_revoked", "app_uninstalled"]
    assert [body["team_id"] for body in gone] == [borealis.id, borealis.id]
    assert gone[0]["event"]["tokens"]["bot"] == [bot.id]


def test_a_refresh_token_is_good_once_and_the_old_token_until_its_end(sandbox: Sandbox) -> None:
    sandbox.oauth.rotates_tokens = True
    first = exchange(sandbox, code=code_of(sandbox))
    assert first["expires_in"] == 43_200
    second = exchange(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])
    again = error(sandbox, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again == "invalid_refresh_token"
    old, new = (
        WebClient(token=one["access_token"], base_url=sandbox.base_url, retry_handlers=[])
        for one in (first, second)
    )
    assert old.auth_test()["team_id"] == new.auth_test()["team_id"]
    sandbox.oauth.expire(sandbox.workspace.find_person("leo").organisation)
    assert refusal(new) == "token_expired"


def test_a_revoked_token_is_dead_also_after_a_new_installation(sandbox: Sandbox) -> None:
    old = installed(sandbox)
    old.auth_revoke()
    assert refusal(old) == "account_inactive"
    new = installed(sandbox)
    assert refusal(old) == "token_revoked"
    assert new.auth_test()["team"] == "Borealis Pay"
