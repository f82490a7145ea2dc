"""`app.yml`, the listeners and the scopes belong together: what one has, the others know."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.sandbox.manifest import Manifest
from bot.slack.manifest import METHOD_SCOPES, compare_manifest, missing_scopes, needed_scopes

ROOT = Path(__file__).parents[1]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "app.yml").read_text(encoding="utf-8"))


def text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def strict(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


FLAG = {"type": "boolean"}
COMMAND = strict(
    ("command", "description", "should_escape"),
    command={"type": "string", "pattern": "^/[a-z0-9_-]{1,31}$"},
    description=text(2000),
    usage_hint=text(1000),
    should_escape={"const": True},
)
SHORTCUT = strict(
    ("name", "type", "callback_id", "description"),
    name=text(24),
    type={"enum": ["global", "message"]},
    callback_id=text(255),
    description=text(150),
)
SCHEMA = strict(
    ("display_information", "features", "oauth_config", "settings"),
    display_information=strict(
        ("name",),
        name=text(35),
        description=text(140),
        background_color={"type": "string", "pattern": "^#[0-9a-f]{6}$"},
    ),
    features=strict(
        app_home=strict(
            home_tab_enabled=FLAG, messages_tab_enabled=FLAG, messages_tab_read_only_enabled=FLAG
        ),
        bot_user=strict(("display_name",), display_name=text(80), always_online=FLAG),
        shortcuts={"type": "array", "maxItems": 10, "items": SHORTCUT},
        slash_commands={"type": "array", "maxItems": 50, "items": COMMAND},
    ),
    oauth_config=strict(
        ("scopes",),
        scopes=strict(
            ("bot",),
            bot={"type": "array", "uniqueItems": True, "maxItems": 255, "items": text(100)},
        ),
    ),
    settings=strict(
        event_subscriptions=strict(
            ("bot_events",),
            bot_events={"type": "array", "uniqueItems": True, "maxItems": 100, "items": text(80)},
        ),
        interactivity=strict(("is_enabled",), is_enabled=FLAG),
        org_deploy_enabled=FLAG,
        socket_mode_enabled=FLAG,
        token_rotation_enabled=FLAG,
    ),
)


def test_slack_would_take_the_manifest() -> None:
    jsonschema.validate(MANIFEST, SCHEMA)


def test_no_hint_lost_its_words_to_a_yaml_comment() -> None:
    for number, line in enumerate((ROOT / "app.yml").read_text("utf-8").splitlines(), start=1):
        key, _, value = line.partition(": ")
        if value and not value.startswith(('"', "'")) and not key.lstrip().startswith("#"):
            assert " #" not in value, f"app.yml:{number}: put {value!r} in quotation marks"


def test_listeners_events_commands_shortcuts_and_scopes_agree() -> None:
    assert compare_manifest(MANIFEST) == []


def changed(path: str, value: Any) -> dict[str, Any]:
    """The manifest with one part replaced; `value` may be a function of the old one."""
    made = copy.deepcopy(MANIFEST)
    *way, last = path.split(".")
    part = made
    for name in way:
        part = part[name]
    part[last] = value(part[last]) if callable(value) else value
    return made


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (
            "settings.event_subscriptions.bot_events",
            lambda events: [event for event in events if event != "message.groups"],
            "bot_events lacks message.groups",
        ),
        (
            "settings.event_subscriptions.bot_events",
            lambda events: [*events, "team_join"],
            "bot_events has team_join, which nothing listens to",
        ),
        (
            "features.slash_commands",
            lambda commands: commands[1:],
            "slash_commands lacks /support",
        ),
        (
            "features.slash_commands",
            lambda commands: [*commands, {"command": "/old"}],
            "slash_commands has /old, which nothing listens to",
        ),
        (
            "features.shortcuts",
            lambda shortcuts: shortcuts[:1],
            "shortcuts lacks request_from_message",
        ),
        (
            "oauth_config.scopes.bot",
            lambda scopes: [scope for scope in scopes if scope != "chat:write"],
            "scopes.bot lacks chat:write",
        ),
        ("settings.interactivity.is_enabled", False, "interactivity.is_enabled must be true"),
        ("features.app_home.home_tab_enabled", False, "home_tab_enabled must be true"),
    ],
)
def test_a_difference_is_named(path: str, value: Any, problem: str) -> None:
    assert [found for found in compare_manifest(changed(path, value)) if problem in found]


@pytest.mark.parametrize("manifest", [{}, {"settings": None}, {"features": "none"}])
def test_a_manifest_that_is_hardly_one_is_no_crash(manifest: dict[str, Any]) -> None:
    assert compare_manifest(manifest)


_FAMILIES = "auth|bots|chat|conversations|files|pins|reactions|team|users|views"
_METHOD = re.compile(rf"(?:{_FAMILIES})\.[a-z][A-Za-z]+")
# `team_id` and `team_name` are fields, also of what the SDK gives.
_CLIENT_METHOD = re.compile(rf"(?!team_(?:id|name)$)(?:{_FAMILIES})_[a-z][A-Za-z]+")


def called_methods() -> Iterator[str]:
    """Names of Web API methods in the code that talks to Slack."""
    for file in [*(ROOT / "bot/service").glob("*.py"), *(ROOT / "bot/slack").glob("*.py")]:
        if file.name == "manifest.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _METHOD.fullmatch(node.value):
                    yield node.value
            elif isinstance(node, ast.Attribute) and _CLIENT_METHOD.fullmatch(node.attr):
                yield node.attr.replace("_", ".", 1)


def test_the_scopes_of_every_method_that_is_called_are_known() -> None:
    assert set(called_methods()) == set(METHOD_SCOPES)


def test_a_token_with_too_few_scopes_is_noticed() -> None:
    asked_for = set(MANIFEST["oauth_config"]["scopes"]["bot"])
    assert missing_scopes(asked_for) == []
    assert missing_scopes(asked_for - {"pins:write", "users:read"}) == ["pins:write", "users:read"]
    assert missing_scopes([]) == []


def test_the_local_workspace_grants_what_the_manifest_asks_for() -> None:
    scopes = Manifest.read(ROOT / "app.yml").scopes
    assert scopes is not None
    assert needed_scopes() <= scopes
