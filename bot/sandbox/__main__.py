"""The workspace as a process of its own: `python -m bot.sandbox --port 8765 --manifest app.yml`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from bot.sandbox.errors import SandboxError
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.sandbox.snapshot import load, save


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    kept: Path | None = options.snapshot
    leave = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: leave.set())
    try:
        workspace = load(kept) if kept is not None and kept.exists() else demo_scene()
        limits = RateLimits.off() if options.no_rate_limits else RateLimits()
        sandbox = Sandbox(workspace, options.manifest, options.port, rate_limits=limits)
        with sandbox:
            print(f"SLACK_API_URL={sandbox.base_url}", flush=True)
            print(f"SLACK_BOT_TOKEN={sandbox.bot_token}", flush=True)
            print(f"SLACK_APP_TOKEN={sandbox.app_token}", flush=True)
            print(f"SLACK_SIGNING_SECRET={sandbox.signing_secret}", flush=True)
            if options.request_url:
                sandbox.deliver_to(options.request_url)
            leave.wait()
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    if kept is not None:
        save(workspace, kept)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--manifest", type=Path, help="the app's manifest; without: all granted")
    parser.add_argument("--request-url", help="deliver by signed HTTP to this address")
    parser.add_argument("--snapshot", type=Path, help="continue from, and save to, this file")
    parser.add_argument("--no-rate-limits", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
