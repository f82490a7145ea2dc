"""Keep a workspace on disk, so that a demonstration continues where it stopped."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from bot.sandbox.errors import SandboxError
from bot.sandbox.records import (
    Channel,
    Edit,
    File,
    Installation,
    Json,
    Message,
    Organisation,
    Person,
    View,
)
from bot.sandbox.workspace import Workspace

FORMAT = 1


def save(workspace: Workspace, path: Path) -> None:
    """Write atomically: the old snapshot stays until the new one is whole.

    Installations in other organisations are not kept, as their tokens are not.
    """
    with workspace.lock:
        content = json.dumps(_as_json(workspace), ensure_ascii=False)
    draft = path.with_name(path.name + ".new")
    draft.write_text(content, encoding="utf-8")
    draft.replace(path)


def load(path: Path, clock: Callable[[], float] = time.time) -> Workspace:
    """Open modals are not kept: nobody sits in front of them after a restart."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SandboxError(f"{path} is not a workspace snapshot ({error}): delete it.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise SandboxError(f"{path} has another snapshot format than {FORMAT}: delete it.")
    workspace = Workspace(clock=clock)
    workspace.organisations = {item["id"]: Organisation(**item) for item in content["teams"]}
    workspace.people = {item["id"]: Person(**item) for item in content["people"]}
    workspace.channels = {item["id"]: Channel(**item) for item in content["channels"]}
    workspace.vendor = workspace.organisations[content["vendor"]]
    workspace.app = Installation(**content["app"])
    workspace.app.organisation = workspace.vendor.id
    workspace.counters = content["counters"]
    workspace.last_ts = content["last_ts"]
    for item in content["messages"]:
        edited = Edit(**item.pop("edited")) if item["edited"] else item.pop("edited")
        workspace.messages.restore(Message(**item, edited=edited))
    for item in content["files"]:
        raw = base64.b64decode(item.pop("content"))
        workspace.files.restore(File(**item, content=raw))
    for item in content["homes"]:
        workspace.views.homes[item["person"]] = View(**item)
    return workspace


def _as_json(workspace: Workspace) -> Json:
    return {
        "format": FORMAT,
        "vendor": workspace.vendor.id,
        "app": asdict(workspace.app),
        "counters": workspace.counters,
        "last_ts": workspace.last_ts,
        "teams": [asdict(item) for item in workspace.organisations.values()],
        "people": [asdict(item) for item in workspace.people.values()],
        "channels": [asdict(item) for item in workspace.channels.values()],
        "messages": [asdict(item) for item in workspace.messages.everything()],
        "files": [
            asdict(item) | {"content": base64.b64encode(item.content).decode("ascii")}
            for item in workspace.files.everything()
        ],
        "homes": [asdict(item) for item in workspace.views.homes.values()],
    }
