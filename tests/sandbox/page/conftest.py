"""The demo workspace with its page, and visitors in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from page_visitor import Visitor

from bot.sandbox.manifest import Manifest
from bot.sandbox.page import page_routes
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace

MANIFEST = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/support-status"}],
        "shortcuts": [
            {"name": "Create support request", "type": "message", "callback_id": "from_message"},
            {"name": "New support request", "type": "global", "callback_id": "new_request"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": ["app_mentions:read", "channels:history", "chat:write", "commands"],
        }
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_mention", "message.channels"]},
        "interactivity": {"is_enabled": True},
    },
}


@pytest.fixture
def sandbox(workspace: Workspace, tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(
        workspace,
        Manifest.parse(MANIFEST),
        rate_limits=RateLimits.off(),
        ack_seconds=1.0,
        page=page_routes,
    ) as running:
        yield running


@pytest.fixture
def hana(sandbox: Sandbox) -> Visitor:
    """A customer."""
    return Visitor(sandbox, "hana")


@pytest.fixture
def mika(sandbox: Sandbox) -> Visitor:
    """Staff."""
    return Visitor(sandbox, "mika")
