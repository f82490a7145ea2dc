"""The command line. Each command loads only what it needs; errors end in one clear line."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from bot.commands import customers, documentation, operating, reading, requests, running
from bot.content.problems import ContentError
from bot.desk.errors import SetupFault
from bot.settings import Settings, load_settings

CONTENT = Path(__file__).parent.parent
"""Where `intents/`, `knowledge/` and `templates/` lie in a checkout."""
_LOUD = ("slack_sdk", "slack_bolt", "uvicorn", "httpx", "asyncio", "waitress", "alembic")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 when something is to be mended."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(os.environ, CONTENT)
        _log(settings.log_level, settings.log_format)
        run: Callable[[argparse.Namespace, Settings], int] = options.run
        return run(options, settings)
    except (SetupFault, ContentError) as error:
        for line in str(error).splitlines():
            print(f"supportbot: {line}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output (head, less) went away: nothing to complain about.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _log(level: str, written_as: str) -> None:
    from bot.log_format import JsonFormatter, WordlessFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(
        JsonFormatter()
        if written_as == "json"
        else WordlessFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    )
    logging.basicConfig(level=level, handlers=[handler])
    for name in _LOUD:
        # At DEBUG the SDK logs whole bodies: customers' words and tokens.
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # What goes wrong in a call is sorted and told by the gateway.
    logging.getLogger("slack_sdk.web").setLevel(logging.CRITICAL)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="supportbot", description="A support desk inside Slack.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for subject in (running, reading, documentation, customers, requests, operating):
        subject.declare(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
