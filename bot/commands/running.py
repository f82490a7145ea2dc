"""Run the bot, try it out, check its set-up."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path
from typing import Any

from bot.commands.declaring import command
from bot.settings import Settings


def declare(commands: Any) -> None:
    """Declare these commands."""
    demo = command(commands, "demo", _demo, "the bot with a local workspace, in your browser")
    demo.add_argument("--port", type=int, default=8765, help="of the page (default 8765)")
    demo.add_argument("--no-browser", action="store_true", help="do not open the browser")
    demo.add_argument("--tour", action="store_true", help="play the main flows and leave")
    demo.add_argument("--folder", default="var/demo", help="where the demo keeps its state")

    command(commands, "run", _run, "connect to Slack")
    check = command(commands, "check", _check, "what is missing or wrong before you run")
    check.add_argument(
        "--intents", action="store_true", help="confusions and duplicates of phrases"
    )


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from bot.connecting import wait_for_our_installation
    from bot.fault_points import arm_as_told
    from bot.wiring import build_bot

    arm_as_told(settings.fault)
    wait_for_our_installation(settings)
    bot = build_bot(settings)
    leave = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: leave.set())
    bot.start()
    identity = bot.house.identity
    print(
        f"supportbot is {identity.name} in {identity.team}, connected by"
        f" {bot.transport.address}; staff channel {settings.staff_channel}. Ctrl-C stops it.",
        flush=True,
    )
    leave.wait()
    print("stopping: finishing what is in hand", flush=True)
    bot.stop()
    return 0


def _demo(options: argparse.Namespace, settings: Settings) -> int:
    from bot.demo import Demo, play_tour

    if options.tour:
        return play_tour(settings)
    return Demo(settings, Path(options.folder), options.port).run(browser=not options.no_browser)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    from bot.check import check

    return check(settings, intents=options.intents)
