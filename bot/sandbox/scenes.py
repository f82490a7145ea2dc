"""Workspaces to start from."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.sandbox.workspace import Workspace


def demo_scene(clock: Callable[[], float] = time.time) -> Workspace:
    """The vendor's support team and three customers, each in a shared channel of their own.

    Handles: `mika` and `arun` (staff), `hana` (Kitsune Games, Japanese), `leo` (Borealis Pay,
    English), `lin` (Lotus Retail, Chinese).
    """
    workspace = Workspace("TiDB Cloud Support", "tidb-cloud-support", clock=clock)
    vendor, bot = workspace.vendor, workspace.people[workspace.app.bot_user]
    mika = workspace.add_person(
        vendor, "mika", "Mika Tan", tz="Asia/Singapore", locale="en-GB", is_admin=True
    )
    arun = workspace.add_person(vendor, "arun", "Arun Patel", tz="Asia/Kolkata", locale="en-GB")
    staff = (mika, arun, bot)
    workspace.add_channel("support-desk", staff, purpose="Requests of all customers")
    workspace.add_channel("sales-desk", staff, purpose="Plans, trials and contracts")

    kitsune = workspace.add_organisation("Kitsune Games", "kitsune-games")
    hana = workspace.add_person(kitsune, "hana", "Hana Mori", tz="Asia/Tokyo", locale="ja-JP")
    workspace.add_channel("ext-kitsune", (hana, *staff), shared_with=[kitsune])

    borealis = workspace.add_organisation("Borealis Pay", "borealis-pay")
    leo = workspace.add_person(borealis, "leo", "Leo Strand", tz="Europe/Stockholm")
    workspace.add_channel("ext-borealis", (leo, *staff), shared_with=[borealis])

    lotus = workspace.add_organisation("Lotus Retail", "lotus-retail")
    lin = workspace.add_person(lotus, "lin", "林晓", tz="Asia/Shanghai", locale="zh-CN")
    workspace.add_channel("ext-lotus", (lin, *staff), shared_with=[lotus])
    return workspace
