"""How fast is the bot: from process start to the first reply, and from a message to its reply.

    python benchmarks/reply_time.py [--messages 60] [--database URL]

Both figures are shown beside a bare Bolt app in the same run that only answers "ok": what remains
is Slack's protocol, Bolt and this machine. The workspace is local; no limits are in force.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bot.sandbox.rate_limits import RateLimits  # noqa: E402
from bot.sandbox.records import Person  # noqa: E402
from bot.sandbox.scenes import demo_scene  # noqa: E402
from bot.sandbox.server import Sandbox  # noqa: E402

CHANNEL = "ext-borealis"
EACH = 20
"""Messages of one person: `bot/desk/pace.py` allows thirty a minute."""
SUPPORTBOT = [sys.executable, "-m", "bot.cli"]
BARE = """
import os, sys
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = App(client=client)
@app.event("message")
def answer(event, say):
    if not event.get("bot_id"):
        say("ok", thread_ts=event["ts"])
app.event("app_mention")(lambda: None)
SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=client).start()
"""


@contextmanager
def running(command: list[str], sandbox: Sandbox, extra: dict[str, str]) -> Iterator[float]:
    """The command as a process; yields the moment it was started."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("SLACK_", "SUPPORTBOT_"))},
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_APP_TOKEN": sandbox.app_token,
        "SLACK_API_URL": sandbox.base_url,
        **extra,
    }
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        try:
            yield started
        finally:
            process.terminate()


def colleagues(sandbox: Sandbox, messages: int) -> list[Person]:
    """Enough people in the channel that none of them writes more than the bot answers."""
    workspace, leo = sandbox.workspace, sandbox.workspace.find_person("leo")
    channel = workspace.find_channel(CHANNEL)
    found = [leo]
    for number in range(messages // EACH):
        company = workspace.organisations[leo.organisation]
        found.append(workspace.add_person(company, f"colleague{number}", f"Colleague {number}"))
        workspace.join(channel, found[-1])
    return found


def reply_after(sandbox: Sandbox, who: Person, text: str, expected: str) -> float:
    """Seconds from the message to the reply in its thread."""
    before = time.perf_counter()
    ts = sandbox.say(who, CHANNEL, text).ts

    def look() -> bool:
        seen = sandbox.sees(who, CHANNEL, ts)
        return any(one.is_from_app and expected in one.text for one in seen)

    sandbox.wait_for(look, 15.0)
    return time.perf_counter() - before


def measure(command: list[str], text: str, expected: str, messages: int, extra: dict[str, str],
            link: list[str] | None) -> tuple[float, list[float]]:  # fmt: skip
    sandbox = Sandbox(demo_scene(), ROOT / "app.yml", rate_limits=RateLimits.off())
    with sandbox:
        people = colleagues(sandbox, messages)
        extra = dict(extra)
        if link:
            extra["SUPPORTBOT_STAFF_CHANNEL"] = sandbox.workspace.find_channel("support-desk").id
            subprocess.run(
                [*link, "--channel", sandbox.workspace.find_channel(CHANNEL).id],
                env={**os.environ, **extra},
                check=True,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
            )
        with running(command, sandbox, extra) as started:
            sandbox.wait_for_connection(1)
            reply_after(sandbox, people[0], text, expected)
            first = time.perf_counter() - started
            times = []
            for number in range(messages):
                time.sleep(0.05)
                times.append(
                    reply_after(
                        sandbox, people[number % len(people)], f"{text} ({number})", expected
                    )
                )
        return first, times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    question = "@supportbot which support plan do we have?"
    subprocess.run([*SUPPORTBOT, "match", question], check=True, cwd=ROOT,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    print(f"{'':14}{'first reply s':>16}{'median ms':>12}{'p99 ms':>10}")
    rows: dict[str, list[tuple[float, float, float]]] = {"supportbot": [], "bare Bolt": []}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/benchmark.db"
            first, times = measure(
                [*SUPPORTBOT, "run"],
                question,
                "Standard",
                options.messages,
                {"SUPPORTBOT_DATABASE_URL": url},
                [*SUPPORTBOT, "accounts", "add", "Borealis Pay", "--plan", "standard"],
            )
            rows["supportbot"].append((first, *_figures(times)))
        first, times = measure(
            [sys.executable, "-c", BARE], "hello", "ok", options.messages, {}, None
        )
        rows["bare Bolt"].append((first, *_figures(times)))
    medians = {}
    for name, found in rows.items():
        medians[name] = [statistics.median(column) for column in zip(*found, strict=True)]
        first, median, late = medians[name]
        print(f"{name:14}{first:>16.2f}{median:>12.1f}{late:>10.1f}")
    ratios = [a / b for a, b in zip(medians["supportbot"], medians["bare Bolt"], strict=True)]
    print(f"{'ratio':14}{ratios[0]:>16.2f}{ratios[1]:>12.2f}{ratios[2]:>10.2f}")


def _figures(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.99)] * 1000


if __name__ == "__main__":
    main()
