"""`supportbot demo`: the real bot over Slack's own protocol to a local workspace, and its tour."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.desk.errors import SetupFault
from bot.sandbox.errors import SandboxError
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.script import Player, ScriptError, read_script
from bot.sandbox.server import Sandbox
from bot.sandbox.sight import Seen
from bot.sandbox.snapshot import load, save
from bot.service.accounts import AccountChange, change_account
from bot.settings import Settings
from bot.storage.unit_of_work import work
from bot.wiring import Bot, build_bot

STAFF_CHANNEL = "support-desk"
TOUR = Path(__file__).with_name("tour.yml")
TOUR_UNDO_SECONDS = 2.0
"""The tour waits ten seconds for anything, and much is said in it."""
TOUR_RATING_MINUTES = 0
"""It does not wait half an hour to ask how it was."""
CUSTOMERS = (
    AccountChange("Kitsune Games", "ext-kitsune", "enterprise", "Asia/Tokyo", "ja",
                  clusters=("prod-1", "prod-2", "staging")),
    AccountChange("Borealis Pay", "ext-borealis", "standard", "Europe/Stockholm", "en",
                  clusters=("ledger-eu", "ledger-us")),
    AccountChange("Lotus Retail", "ext-lotus", "basic", "Asia/Shanghai", "zh"),
)  # fmt: skip


class Demo:
    """The local workspace and the bot, in one process, with their state in one folder."""

    def __init__(self, settings: Settings, folder: Path, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._snapshot = folder / "workspace.json"
        self._settings = settings
        self._database = folder / "demo.db"
        self._port = port

    def run(self, *, browser: bool) -> int:
        """Until Ctrl-C. Raises `SetupFault` for a taken port."""
        from bot.sandbox.page import page_routes

        leave = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: leave.set())
        try:
            workspace = load(self._snapshot) if self._snapshot.exists() else demo_scene()
            sandbox = Sandbox(
                workspace,
                self._settings.content / "app.yml",
                self._port,
                page=page_routes,
            )
            print("starting the local workspace and the bot …", flush=True)
            with sandbox:
                bot = start_bot(self._settings, sandbox, f"sqlite:///{self._database}")
                self._greet(sandbox)
                if browser:
                    webbrowser.open(sandbox.page_url)
                narrate(sandbox, leave)
                print("\nstopping: finishing what is in hand", flush=True)
                bot.stop()
            save(workspace, self._snapshot)
        except SandboxError as error:
            raise SetupFault(str(error)) from error
        print(f"the requests are kept in {self._database}; `supportbot demo` continues them")
        return 0

    def _greet(self, sandbox: Sandbox) -> None:
        print(
            f"""
  supportbot is running in a local workspace:  {sandbox.page_url}

  Be a customer:  Hana Mori (Kitsune Games, Japanese), Leo Strand (Borealis Pay, English),
                  林晓 (Lotus Retail, Chinese) – each in their shared channel
  Be staff:       Mika Tan or Arun Patel, in #support-desk and #sales-desk
  Try:            “our cluster ledger-eu is very slow since 9, S2”, 「PoCをお願いしたいです」,
                  “how do I connect to a cluster?”, the buttons of the board, /support-status

  What happens is told below. Ctrl-C stops; the next start continues where you left.
""",
            flush=True,
        )


def start_bot(settings: Settings, sandbox: Sandbox, database_url: str) -> Bot:
    """The real bot, pointed at the sandbox, with the demo's customers linked."""
    channel = sandbox.workspace.find_channel
    logging.getLogger().setLevel(logging.WARNING)
    bot = build_bot(
        replace(
            settings,
            bot_token=sandbox.bot_token,
            app_token=sandbox.app_token,
            signing_secret="",
            api_url=sandbox.base_url,
            database_url=database_url,
            staff_channel=channel(STAFF_CHANNEL).id,
        )
    )
    bot.start()
    house = bot.house
    with work(bot.database, house.clock()) as uow:
        for customer in CUSTOMERS:
            if uow.accounts.by_name(customer.name) is None:
                linked = replace(customer, channel=channel(customer.channel).id)
                change_account(uow, house.content.plans, linked)
        if not uow.accounts.queue_channel("sales"):
            uow.accounts.set_queue_channel("sales", channel("sales-desk").id)
    return bot


def narrate(sandbox: Sandbox, leave: threading.Event) -> None:
    """Tell every message in the terminal until `leave` is set."""
    with sandbox.workspace.feed.subscribe() as changes:
        while not leave.is_set():
            change = changes.get(timeout=0.2)
            if change is None or change.kind not in ("message_posted", "ephemeral_posted"):
                continue
            line = _line(sandbox, change.channel, change.ts)
            if line:
                print(line, flush=True)


def _line(sandbox: Sandbox, channel_id: str, ts: str) -> str:
    """`12:03:04 #ext-borealis ↳ Leo Strand: …`, as a member of the channel sees it."""
    workspace = sandbox.workspace
    with workspace.lock:
        channel = workspace.channels.get(channel_id)
        members = [m for m in channel.members if m != workspace.app.bot_user] if channel else []
    seen: Sequence[Seen] = ()
    for member in members:
        seen = [s for s in sandbox.sees(member, channel_id) if s.ts == ts] or [
            s
            for root in sandbox.sees(member, channel_id)
            for s in sandbox.sees(member, channel_id, root.ts)
            if s.ts == ts
        ]
        if seen:
            break
    if not seen or channel is None:
        return ""
    one = seen[0]
    place = "DM" if channel.is_im else f"#{channel.name}"
    arrow = " ↳" if one.thread_ts and one.thread_ts != one.ts else ""
    words = " / ".join(line for line in str(one).splitlines() if line.strip())
    return f"{place}{arrow} {words[:300]}"


def play_tour(settings: Settings) -> int:
    """Play the main flows as two customers and a staff member; 1 when a step is missing."""
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(demo_scene(), settings.content / "app.yml", rate_limits=RateLimits.off())
        with sandbox:
            quick = replace(
                settings, undo_seconds=TOUR_UNDO_SECONDS, rating_minutes=TOUR_RATING_MINUTES
            )
            bot = start_bot(quick, sandbox, f"sqlite:///{folder}/tour.db")
            try:
                Player(sandbox, tell=lambda line: print(line, flush=True)).play(read_script(TOUR))
            except ScriptError as error:
                print(f"\nthe tour failed: {error}", file=sys.stderr)
                return 1
            finally:
                bot.stop()
    print("\nthe tour went well: every message, request and state was there")
    return 0
