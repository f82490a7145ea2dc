from __future__ import annotations

from pathlib import Path

import pytest

from bot.desk.errors import SetupFault
from bot.settings import SLACK_API, Settings, load_settings

HERE = Path("/checkout")
BOT = "-".join(("xoxb", "not", "real"))
APP = "-".join(("xapp", "not", "real"))


def settings(**environment: str) -> Settings:
    return load_settings(environment, HERE)


def problems(**environment: str) -> tuple[str, ...]:
    with pytest.raises(SetupFault) as fault:
        settings(**environment)
    return fault.value.problems


def test_with_nothing_set_there_is_a_default_for_everything() -> None:
    found = settings(HOME="/home/x", XDG_CACHE_HOME="/cache")
    assert found.api_url == SLACK_API
    assert found.database_url == "sqlite:///supportbot.db"
    assert (found.port, found.staff_language, found.log_level) == (3000, "en", "INFO")
    assert (found.content, found.cache) == (HERE, Path("/cache/supportbot"))
    assert found.admins == frozenset()


def test_blank_means_not_set() -> None:
    found = settings(SUPPORTBOT_PORT="  ", SUPPORTBOT_CONTENT="", SLACK_API_URL=" ")
    assert (found.port, found.content, found.api_url) == (3000, HERE, SLACK_API)


def test_every_setting_is_taken() -> None:
    found = settings(
        SLACK_BOT_TOKEN=BOT,
        SLACK_APP_TOKEN=f" {APP}\n",
        SLACK_SIGNING_SECRET="sign",
        SLACK_API_URL="http://127.0.0.1:9000/api",
        SUPPORTBOT_DATABASE_URL="sqlite:///x.db",
        SUPPORTBOT_STAFF_CHANNEL="C1",
        SUPPORTBOT_STAFF_LANGUAGE="ja",
        SUPPORTBOT_ADMINS="U1, U2 U3",
        SUPPORTBOT_ON_CALL="U1ARUN",
        SUPPORTBOT_PORT="8080",
        SUPPORTBOT_CONTENT="/content",
        SUPPORTBOT_CACHE="/cache",
        SUPPORTBOT_LOG="debug",
    )
    assert found == Settings(
        bot_token=BOT,
        app_token=APP,
        signing_secret="sign",
        api_url="http://127.0.0.1:9000/api/",
        database_url="sqlite:///x.db",
        staff_channel="C1",
        staff_language="ja",
        admins=frozenset({"U1", "U2", "U3"}),
        on_call="U1ARUN",
        port=8080,
        content=Path("/content"),
        cache=Path("/cache"),
        log_level="DEBUG",
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SUPPORTBOT_DATABSE_URL", "did you mean SUPPORTBOT_DATABASE_URL?"),
        ("SUPPORTBOT_STAFFCHANNEL", "did you mean SUPPORTBOT_STAFF_CHANNEL?"),
        ("SUPPORTBOT_XYZZY_FROBNICATE", "README lists the settings"),
    ],
)
def test_a_misspelt_setting_is_named_with_a_hint(name: str, hint: str) -> None:
    (problem,) = problems(**{name: "x"})
    assert problem == f"{name} is no setting of supportbot: {hint}"


def test_other_programs_settings_are_none_of_our_business() -> None:
    settings(SLACK_WEBHOOK="x", PATH="/bin", PORT="1")


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("SUPPORTBOT_PORT", "http", "write a number from 1 to 65535"),
        ("SUPPORTBOT_PORT", "0", "write a number from 1 to 65535"),
        ("SUPPORTBOT_PORT", "65536", "write a number from 1 to 65535"),
        ("SUPPORTBOT_PORT", "-1", "write a number from 1 to 65535"),
        ("SUPPORTBOT_PORT", "²", "write a number from 1 to 65535"),
        ("SUPPORTBOT_RETENTION_DAYS", "7", "write days from 30 to 3650, or leave it out"),
        ("SUPPORTBOT_RETENTION_DAYS", "never", "write days from 30 to 3650, or leave it out"),
        ("SUPPORTBOT_STAFF_LANGUAGE", "de", "write one of en, ja, zh"),
        ("SUPPORTBOT_LOG", "LOUD", "write DEBUG, INFO, WARNING or ERROR"),
        ("SLACK_API_URL", "slack.com/api/", "write an http(s) address"),
        ("SUPPORTBOT_STAFF_CHANNEL", "#support", "write the channel's id (C…)"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_mend(name: str, value: str, mend: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"{name} is {value!r}")
    assert mend in problem


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://m.example:x"])
def test_a_mail_server_that_cannot_be_is_named_without_its_password(url: str) -> None:
    word = "sesame" * 2
    given = url.replace("//", f"//leo:{word}@")
    (problem,) = problems(SUPPORTBOT_SMTP_URL=given, SUPPORTBOT_MAIL_FROM="support@desk.example")
    assert problem.startswith("SUPPORTBOT_SMTP_URL is no address of a mail server: write")
    assert word not in problem


@pytest.mark.parametrize("sender", ["", "desk", "Desk <support@desk.example>"])
def test_mail_needs_a_sender(sender: str) -> None:
    (problem,) = problems(SUPPORTBOT_SMTP_URL="smtps://mail.example", SUPPORTBOT_MAIL_FROM=sender)
    assert problem.startswith(f"SUPPORTBOT_MAIL_FROM is {sender!r}: write the address")


def test_every_problem_is_told_at_once() -> None:
    assert len(problems(SUPPORTBOT_PORT="x", SUPPORTBOT_LOG="x", SUPPORTBOT_PROT="1")) == 3


GOOD = {
    "SLACK_BOT_TOKEN": BOT,
    "SLACK_APP_TOKEN": APP,
    "SUPPORTBOT_STAFF_CHANNEL": "C1",
}


def missing(**changes: str) -> tuple[str, ...]:
    with pytest.raises(SetupFault) as fault:
        settings(**{**GOOD, **changes}).require_slack()
    return fault.value.problems


def test_socket_mode_or_signed_http_is_enough_to_connect() -> None:
    settings(**GOOD).require_slack()
    settings(**{**GOOD, "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": "sign"}).require_slack()


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN is not set"),
        ("SLACK_BOT_TOKEN", APP, "must begin with xoxb- (this one is an app-level token)"),
        ("SLACK_BOT_TOKEN", "xoxp-user", "must begin with xoxb-"),
        ("SLACK_APP_TOKEN", BOT, "must begin with xapp-"),
        ("SLACK_APP_TOKEN", "", "set SLACK_APP_TOKEN (Socket Mode, xapp-…) or SLACK_SIGNING_SECR"),
        ("SUPPORTBOT_STAFF_CHANNEL", "", "SUPPORTBOT_STAFF_CHANNEL is not set"),
    ],
)
def test_what_is_missing_to_connect_is_named(name: str, value: str, problem: str) -> None:
    (found,) = missing(**{name: value})
    assert problem in found
    assert value not in found or not value


KEY = "k" * 44
SEVERAL = GOOD | {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "client",
    "SUPPORTBOT_TOKEN_KEYS": KEY,
}


def test_with_a_client_id_several_workspaces_may_install_the_app() -> None:
    assert not settings(**GOOD).several
    found = settings(**{**SEVERAL, "SUPPORTBOT_TOKEN_KEYS": f"{KEY}, older"})
    assert found.several
    assert found.token_keys == (KEY, "older")
    found.require_slack()
    settings(**SEVERAL | {"SLACK_BOT_TOKEN": "", "SUPPORTBOT_WORKSPACE": "T0US"}).require_slack()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_SECRET is not set"),
        ({"SLACK_CLIENT_ID": ""}, "SLACK_CLIENT_ID is not set"),
        ({"SUPPORTBOT_TOKEN_KEYS": ""}, "SUPPORTBOT_TOKEN_KEYS is not set: `supportbot worksp"),
        ({"SLACK_BOT_TOKEN": ""}, "set SLACK_BOT_TOKEN, or SUPPORTBOT_WORKSPACE to the id (T…)"),
        ({"SLACK_BOT_TOKEN": "xoxe.xoxb-1"}, "this one ends after twelve hours"),
    ],
)
def test_what_is_missing_to_install_is_named(changes: dict[str, str], problem: str) -> None:
    (found,) = missing(**(SEVERAL | changes))
    assert problem in found


def test_a_workspace_is_named_by_its_id() -> None:
    (problem,) = problems(SUPPORTBOT_WORKSPACE="our-team")
    assert problem.startswith("SUPPORTBOT_WORKSPACE is 'our-team': write the id")


def test_printing_the_settings_shows_no_secret() -> None:
    secret = "s3cr" + "et"
    shown = repr(
        settings(
            SLACK_BOT_TOKEN=f"xoxb-{secret}",
            SLACK_APP_TOKEN=f"xapp-{secret}",
            SLACK_SIGNING_SECRET=secret,
            SLACK_CLIENT_SECRET=secret,
            SUPPORTBOT_TOKEN_KEYS=secret,
            SUPPORTBOT_DATABASE_URL=f"postgresql://bot:{secret}@host/x",
        )
    )
    assert secret not in shown
    assert "port=3000" in shown
