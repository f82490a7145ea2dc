"""In which workspace something is, where several have installed the app.

A channel is where it was first seen; everything else is where the arrival came from that causes
it. Our own workspace is the empty name: so with one workspace nothing is looked up.
"""

from __future__ import annotations

from bot.desk.arrivals import Arrival
from bot.service.house import House
from bot.storage.unit_of_work import UnitOfWork


def note_place(uow: UnitOfWork, house: House, arrival: Arrival) -> None:
    """Remember through which installation we hear of a channel."""
    channel = str(getattr(arrival, "channel", ""))
    if arrival.workspace and channel:
        uow.workspaces.saw(channel, arrival.workspace, house.identity.team)


def team_for(uow: UnitOfWork, house: House, channel: str, workspace: str) -> str:
    """What `outbox.team` is for an entry to a channel; without one, of an arrival's workspace.

    A channel that nothing has come from yet is looked up again when the entry is sent.
    """
    found = uow.workspaces.of_channel(channel) if channel else workspace
    return "" if found == house.identity.team else found


def misplaced(uow: UnitOfWork, house: House, channel: str, team: str) -> str:
    """Why an entry for that workspace must not go into that channel; empty when it may."""
    there = team_for(uow, house, channel, "")
    if not team or there == team:
        return ""
    return f"channel {channel} is in workspace {there or house.identity.team}, not in {team}"


def name_elsewhere(uow: UnitOfWork, house: House, channel: str) -> str:
    """Name of the workspace that a channel is in; empty where it is ours."""
    team = team_for(uow, house, channel, "") if house.several else ""
    row = uow.workspaces.get(team) if team else None
    return row.name if row is not None else team


def address_of(uow: UnitOfWork, house: House, channel: str) -> str:
    """Address of the workspace that a channel is in, with a slash at its end."""
    row = uow.workspaces.get(team_for(uow, house, channel, "")) if house.several else None
    return row.url if row is not None else house.identity.url
