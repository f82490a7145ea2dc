"""Server-sent events: which panes of one person's page are out of date.

    event: panes    data: ["messages:C000000001", "sidebar", …]
    event: notice   data: "The app did not answer. (operation_timeout)"

The event's id is the feed's sequence number, so a browser that reconnects misses nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from bot.sandbox.feed import Change
from bot.sandbox.records import Person
from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace

LOOK_SECONDS = 0.25
"""How often the stream looks whether the server stops, and whether the app came or went."""
GATHER_SECONDS = 0.02
"""One act makes several changes; a moment's wait tells of them together."""
IDLE_LOOKS = 60
"""After this many looks without news a comment is sent, which finds browsers that have gone."""
PANES = ("messages", "thread", "head", "home", "modal", "sidebar", "people")
"""In the order of fetching: looking at messages is what takes the marks off the sidebar."""


async def live_events(sandbox: Sandbox, person: Person, since: int) -> AsyncIterator[str]:
    workspace, loop = sandbox.workspace, asyncio.get_running_loop()
    arrived: asyncio.Queue[Change] = asyncio.Queue()

    def hand_over(change: Change) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(arrived.put_nowait, change)

    with workspace.lock:
        waiting = workspace.feed.since(since)
        unlisten = workspace.feed.listen(hand_over)
    try:
        yield "retry: 1000\n\n"
        connected, quiet = app_state(sandbox), 0
        while not sandbox.stopping.is_set():
            waiting += await _gather(arrived)
            panes = _stale(workspace, person, waiting)
            if app_state(sandbox) != connected:
                connected = app_state(sandbox)
                panes.add("people")
            for event in _events(person, waiting, panes):
                yield event
                quiet = 0
            waiting, quiet = [], quiet + 1
            if quiet > IDLE_LOOKS:
                yield ": still here\n\n"
                quiet = 0
    finally:
        unlisten()


def app_state(sandbox: Sandbox) -> str:
    """`connected`, `absent`, or `http` when payloads are posted and nobody can know."""
    if sandbox.deliveries.transport is not sandbox.sockets:
        return "http"
    return "connected" if sandbox.sockets.open_connections else "absent"


async def _gather(arrived: asyncio.Queue[Change]) -> list[Change]:
    try:
        changes = [await asyncio.wait_for(arrived.get(), LOOK_SECONDS)]
    except TimeoutError:
        return []
    await asyncio.sleep(GATHER_SECONDS)
    while not arrived.empty():
        changes.append(arrived.get_nowait())
    return changes


def _stale(workspace: Workspace, person: Person, changes: list[Change]) -> set[str]:
    return {pane for change in changes for pane in panes_of(workspace, person, change)}


def _events(person: Person, changes: list[Change], panes: set[str]) -> list[str]:
    number = f"id: {changes[-1].sequence}\n" if changes else ""
    events = [
        f"{number}event: notice\ndata: {json.dumps(change.detail['text'])}\n\n"
        for change in changes
        if change.kind == "notice" and change.person == person.id
    ]
    if panes:
        ordered = sorted(panes, key=lambda pane: PANES.index(pane.partition(":")[0]))
        events.append(f"{number}event: panes\ndata: {json.dumps(ordered)}\n\n")
    return events


def panes_of(workspace: Workspace, person: Person, change: Change) -> set[str]:
    """The panes of this person's page that the change makes stale."""
    if change.kind in ("notice", "home_opened"):
        return {"sidebar"} if change.channel and change.person == person.id else set()
    if change.kind.startswith("view_"):
        return {"modal"} if change.person == person.id else set()
    if change.kind == "home_published":
        return {"home"} if change.person == person.id else set()
    if not change.ts:  # an organisation, a person, a channel, a file, the installation
        return {"head", "sidebar", "people"}
    channel = workspace.channels.get(change.channel)
    if channel is None:
        return set()
    if person.id not in channel.members or change.only_for not in ("", person.id):
        return {"people"}  # the mark on whoever got it
    panes = {f"messages:{channel.id}", f"thread:{channel.id}"}
    if change.kind.startswith("pin_") or change.ts in channel.pins:
        panes.add("head")
    if change.kind in ("message_posted", "ephemeral_posted", "message_deleted"):
        panes |= {"sidebar", "people"}
    return panes
