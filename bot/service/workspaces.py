"""A workspace installs the app, removes it, or its token cannot be refreshed: what follows.

The first workspace is ours, with the staff channel. The others are customers' own: their channels
are linked like any other, and their requests are answered from ours.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from bot.desk.arrivals import AppRemoved
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.unit_of_work import UnitOfWork, work

log = logging.getLogger(__name__)
REMOVED = "the workspace has removed the app"


def app_removed(uow: UnitOfWork, house: House, posting: Posting, removed: AppRemoved) -> str:
    """The tokens go, what waits for that workspace is given up, and staff are told, once."""
    row = uow.workspaces.get(removed.workspace)
    if row is None or row.state != "installed":
        return "an app without stored tokens was removed"
    # A late word about the installation before this one. Slack's clock has whole seconds here.
    if removed.at and datetime.fromtimestamp(removed.at + 1, UTC) < row.installed_at:
        return "an earlier installation was removed"
    return _forget(uow, house, posting, row.team, row.version)


def lost(house: House, team: str, version: int) -> None:
    """Slack refused the token for good: as if it had told us of the removal."""
    with work(house.database, house.clock()) as uow:
        posting = Posting(uow, house, f"lost:{team}:{version}")
        _forget(uow, house, posting, team, version)
    house.owed.ring()


def _forget(uow: UnitOfWork, house: House, posting: Posting, team: str, version: int) -> str:
    row = uow.workspaces.get(team)
    if row is None or not uow.workspaces.remove(team, version=version):
        return "its tokens were gone already"
    log.warning("workspace %s removed the app; its tokens are deleted", team)
    given_up = 0 if team == house.identity.team else uow.outgoing.give_up(team, REMOVED)
    tell_staff(house, posting, "workspace.removed", name=row.name, count=str(given_up))
    return f"workspace {team} removed the app; gave up {given_up} entries"


def tell_staff(house: House, posting: Posting, sentence: str, **words: str) -> None:
    rendered = house.content.templates.message(
        "say", house.staff_language, sentence=sentence, words=words
    )
    posting.message(house.staff_channel, rendered)
