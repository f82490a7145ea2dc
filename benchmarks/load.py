"""How much one process carries, beside a bare Bolt app in the same run.

    python benchmarks/load.py [--seconds 15] [--burst 2000] [--sizes 1000,100000,1000000]
                              [--engine sqlite,postgresql] [--only rate,burst,growth]
    python benchmarks/load.py --only memory [--minutes 30] [--engine sqlite]

rate    signed HTTP events from eight connections, at twenty a second for the reply times, then as
        fast as they are acknowledged; every message gets one reply through a Slack that answers at
        once. The bare app verifies the signature and says "ok". Sender and Slack run on the same
        cores. Replies a second are counted during the rush and for at most half a minute after it.
burst   so many events a second for ten seconds, whatever becomes of them. As Slack does, the sender
        gives up on each after three seconds and tries three times more (after 1, 10 and 30 seconds
        here); what all four missed stands in the history. Every event has to be in the inbox once.
memory  what the process holds while five messages a second come in.
growth  the time to list one customer's open requests, and all open ones, when the store holds so
        many. Waiting for a processor counts: beside it stands the load of the machine.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import http.client
import json
import os
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from bot.content.folder import load_content  # noqa: E402
from bot.service.accounts import AccountChange, change_account  # noqa: E402
from bot.storage.database import Database, utc_now  # noqa: E402
from bot.storage.tables import Inbox, SupportRequest  # noqa: E402
from bot.storage.unit_of_work import look, work  # noqa: E402
from bot.storage.upgrade import upgrade  # noqa: E402
from tests.storage.conftest import own_database  # noqa: E402

SECRET = "load-signing-secret"
CHANNELS = 400
"""Slack takes about a message a second and channel, and the bot paces itself accordingly."""
CONNECTIONS = 8
SECONDS = 10
"""A burst lasts."""
RETRIES = (1.0, 10.0, 30.0)
"""Seconds before Slack's further tries of a burst; in real life at once, a minute, five."""
GENTLE = 20
"""Events a second when reply times are taken: no queue builds up."""
BARE = f"""
import os
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from waitress import serve
us = AuthorizeResult(enterprise_id=None, team_id="T0", bot_user_id="U0BOT", bot_id="B0BOT",
                     bot_token="xoxb-load")
app = App(client=WebClient(base_url=os.environ["SLACK_API_URL"]), signing_secret="{SECRET}",
          authorize=lambda: us)
@app.event("message")
def answer(event, say):
    say("ok", thread_ts=event["ts"])
serve(SlackRequestHandler(app, path="/slack/events"), host="127.0.0.1",
      port=int(os.environ["SUPPORTBOT_PORT"]), threads=16, _quiet=True)
"""


class QuickSlack:
    """A Web API that takes everything at once and notes when a thread got its first reply."""

    def __init__(self) -> None:
        self.replied: dict[str, float] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        """What was written in each channel, for who reads it."""
        slack = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = json.dumps(slack.answer(self.path, body, self.headers)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST  # noqa: N815 - the standard library's name

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api/"

    def answer(self, path: str, body: bytes, headers: Any) -> dict[str, Any]:
        method = path.rpartition("/")[2].partition("?")[0]
        if method == "auth.test":
            return {"ok": True, "team_id": "T0", "user_id": "U0BOT", "bot_id": "B0BOT",
                    "user": "supportbot"}  # fmt: skip
        if method == "users.info":
            return {"ok": True, "user": {"team_id": "T1", "real_name": "Somebody"}}
        if method == "conversations.history":
            return self._page(parse_qs(path.partition("?")[2] or body.decode()))
        if method == "chat.postMessage":
            sent = (json.loads(body) if "json" in headers.get("Content-Type", "")
                    else {k: v[0] for k, v in parse_qs(body.decode()).items()})  # fmt: skip
            self.replied.setdefault(str(sent.get("thread_ts", "")), time.time())
            return {"ok": True, "ts": f"{time.time():.6f}"}
        return {"ok": True, "messages": [], "ts": f"{time.time():.6f}"}

    def _page(self, asked: dict[str, list[str]]) -> dict[str, Any]:
        since, start = float(asked["oldest"][0]), int(asked.get("cursor", ["0"])[0])
        written = [m for m in self.history.get(asked["channel"][0], []) if float(m["ts"]) > since]
        more = str(start + 200) if start + 200 < len(written) else ""
        return {"ok": True, "messages": written[start : start + 200],
                "response_metadata": {"next_cursor": more}}  # fmt: skip


@dataclass(slots=True)
class Sender:
    """Posts signed message events over some connections."""

    port: int
    took: list[float] = field(default_factory=list)
    sent: dict[str, float] = field(default_factory=dict)
    refused: int = 0
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def event(self) -> tuple[str, bytes]:
        with self._lock:
            self._number += 1
            number = self._number
        ts = f"{time.time() + number / 1e6:.6f}"
        event = {"type": "message", "channel": f"CL{number % CHANNELS}", "ts": ts,
                 "user": f"UL{number // 20}",  # more in a minute would not be answered
                 "user_team": "T1", "channel_type": "channel",
                 "text": "<@U0BOT> which support plan do we have?"}  # fmt: skip
        body = {"type": "event_callback", "team_id": "T0", "api_app_id": "A0",
                "event_id": f"Ev{self.port}-{number}", "event": event}  # fmt: skip
        return ts, json.dumps(body).encode()

    def send(self, count: int, seconds: float, rate: float = 0.0) -> float:
        """Until `count` or the time is over; returns how long it took."""
        tickets: queue.SimpleQueue[float] = queue.SimpleQueue()
        began = time.perf_counter()
        for number in range(count):
            tickets.put(began + number / rate if rate else 0.0)
        threads = [threading.Thread(target=self._work, args=(tickets, began + seconds))
                   for _ in range(CONNECTIONS)]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - began

    def _work(self, tickets: queue.SimpleQueue[float], until: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while time.perf_counter() < until:
            try:
                at = tickets.get_nowait()
            except queue.Empty:
                break
            time.sleep(max(0.0, at - time.perf_counter()))
            ts, body = self.event()
            self.sent[ts] = time.time()
            began = time.perf_counter()
            while not self._post(connection, body):
                self.refused += 1
                time.sleep(0.05)
            self.took.append(time.perf_counter() - began)
        connection.close()

    def _post(self, connection: http.client.HTTPConnection, body: bytes) -> bool:
        stamp = str(int(time.time()))
        signed = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
        headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": stamp,
                   "X-Slack-Signature": f"v0={signed.hexdigest()}"}  # fmt: skip
        try:
            connection.request("POST", "/slack/events", body, headers)
            answer = connection.getresponse()
            answer.read()
        except (http.client.HTTPException, OSError):
            connection.close()
            return False
        return answer.status == 200


@contextmanager
def process(command: list[str], port: int, **environment: str) -> Iterator[int]:
    """A subject that listens on `port`; gives its pid."""
    around = {**os.environ, **environment, "SUPPORTBOT_PORT": str(port)}
    running = subprocess.Popen(command, cwd=ROOT, env=around, stdout=subprocess.DEVNULL)
    try:
        for _ in range(3000):  # learning anew takes its time
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            try:
                connection.request("GET", "/")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
            finally:
                connection.close()
        yield running.pid
    finally:
        running.terminate()
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def supportbot(url: str, slack: QuickSlack, port: int) -> Iterator[int]:
    """The bot with its channels linked and their boards standing."""
    database = Database(url)
    upgrade(database)
    plans = load_content(ROOT).plans
    with work(database, utc_now()) as uow:
        for number in range(CHANNELS):
            change_account(uow, plans, AccountChange(f"Load {number}", f"CL{number}", "standard"))
            row = uow.accounts.channel(f"CL{number}")
            assert row is not None
            row.board_key = "standing"
    database.close()
    with process([sys.executable, "-m", "bot.cli", "run"], port, SLACK_API_URL=slack.url,
                 SLACK_BOT_TOKEN="xoxb-load", SLACK_SIGNING_SECRET=SECRET, SLACK_APP_TOKEN="",
                 SUPPORTBOT_DATABASE_URL=url, SUPPORTBOT_STAFF_CHANNEL="C0STAFF",
                 SUPPORTBOT_LOG="ERROR") as pid:  # fmt: skip
        yield pid


def memory(pid: int) -> float:
    """Resident megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def percentile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000 if values else 0.0


def measure_rate(port: int, pid: int, slack: QuickSlack, seconds: float) -> list[float]:
    """events/s, ack p50, p99, replies/s, reply p50, p99, MB before, MB after."""
    before = memory(pid)
    gentle = Sender(port, _number=10_000_000)
    gentle.send(int(GENTLE * seconds), seconds + 5, GENTLE)
    _drain(gentle, slack)
    replies = [slack.replied[ts] - at for ts, at in gentle.sent.items() if ts in slack.replied]
    quick = Sender(port)
    took = quick.send(1_000_000, seconds)
    took_all = took + _drain(quick, slack)
    replied = sum(ts in slack.replied for ts in quick.sent)
    return [len(quick.took) / took, percentile(quick.took, 0.5), percentile(quick.took, 0.99),
            replied / took_all, percentile(replies, 0.5),
            percentile(replies, 0.99), before, memory(pid)]  # fmt: skip


def _drain(sender: Sender, slack: QuickSlack) -> float:
    """Seconds until every event has its reply, at most half a minute."""
    began = time.perf_counter()
    while time.perf_counter() - began < 30 and any(ts not in slack.replied for ts in sender.sent):
        time.sleep(0.1)
    return time.perf_counter() - began


def rate(engines: list[str], options: argparse.Namespace) -> None:
    print(f"{'':12}{'events/s':>10}{'ack p50':>9}{'p99 ms':>9}{'replies/s':>11}{'reply p50':>11}"
          f"{'p99 ms':>9}{'MB':>7}{'MB after':>10}")  # fmt: skip
    bare: list[float] = []
    for number, subject in enumerate(["bare Bolt", *engines]):
        slack, port = QuickSlack(), 18_300 + number
        with ExitStack() as stack:
            if subject == "bare Bolt":
                pid = stack.enter_context(
                    process([sys.executable, "-c", BARE], port, SLACK_API_URL=slack.url)
                )
            else:
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                url = stack.enter_context(own_database(subject, Path(folder)))
                pid = stack.enter_context(supportbot(url, slack, port))
            found = measure_rate(port, pid, slack, options.seconds)
        bare = bare or found
        print(f"{subject:12}{found[0]:>10.0f}{found[1]:>9.1f}{found[2]:>9.1f}{found[3]:>11.0f}"
              f"{found[4]:>11.1f}{found[5]:>9.1f}{found[6]:>7.0f}{found[7]:>10.0f}"
              f"   events/s {found[0] / bare[0]:.2f} of bare   load"
              f" {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


def burst(engines: list[str], options: argparse.Namespace) -> None:
    for number, engine in enumerate(engines):
        slack, port = QuickSlack(), 18_400 + number
        with tempfile.TemporaryDirectory() as folder, own_database(engine, Path(folder)) as url:
            database = Database(url)
            with supportbot(url, slack, port):
                began = time.perf_counter()
                tries = _burst(Sender(port), slack, options.burst)
                missed = tries.pop()
                while _stored(database) < options.burst * SECONDS:
                    if time.perf_counter() - began > 900:
                        break
                    time.sleep(1)
                took = time.perf_counter() - began
                stored = _stored(database)
            database.close()
        print(f"burst {engine:12} {options.burst}/s for {SECONDS} s: acknowledged at tries 1 to 4"
              f" {' + '.join(map(str, tries))}, left to the history {missed},"
              f" lost {options.burst * SECONDS - stored}, all stored after {took:.0f} s"
              f"   load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


def _burst(sender: Sender, slack: QuickSlack, rate: int) -> list[int]:
    """How many were acknowledged at each try, and how many never."""
    tries = [0] * (len(RETRIES) + 2)
    due: queue.PriorityQueue[tuple[float, int, bytes]] = queue.PriorityQueue()
    began = time.perf_counter()
    for number in range(rate * SECONDS):
        _, body = sender.event()
        event = json.loads(body)["event"]
        slack.history.setdefault(event["channel"], []).append(event)
        due.put((began + number / rate, 0, body))
    left, lock = [rate * SECONDS], threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", sender.port, timeout=3)
        while left[0]:
            try:
                at, nth, body = due.get(timeout=0.2)
            except queue.Empty:
                continue
            time.sleep(max(0.0, at - time.perf_counter()))
            taken = sender._post(connection, body)
            if not taken and nth < len(RETRIES):
                due.put((time.perf_counter() + RETRIES[nth], nth + 1, body))
                continue
            with lock:
                tries[nth if taken else -1] += 1
                left[0] -= 1
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tries


def _stored(database: Database) -> int:
    with database.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(Inbox)).scalar_one()


def memory_over_time(engines: list[str], options: argparse.Namespace) -> None:
    for number, engine in enumerate(engines):
        slack, port = QuickSlack(), 18_500 + number
        with (
            tempfile.TemporaryDirectory() as folder,
            own_database(engine, Path(folder)) as url,
            supportbot(url, slack, port) as pid,
        ):
            sender = Sender(port)
            sender.send(300, 120, 5)  # caches fill
            began, seen = time.time(), []
            while time.time() - began < options.minutes * 60:
                sender.send(150, 60, 5)
                seen.append(((time.time() - began) / 3600, memory(pid)))
        late = seen[len(seen) // 2 :]  # caches are full by then
        slope = statistics.linear_regression(*zip(*late, strict=True)).slope
        print(f"memory {engine:12} {len(sender.took)} messages in {options.minutes:.0f} minutes:"
              f" {seen[0][1]:.0f} MB, in the end {seen[-1][1]:.0f} MB,"
              f" {slope:+.1f} MB an hour in the second half"
              f"   load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip


def growth(engines: list[str], options: argparse.Namespace) -> None:
    for engine in engines:
        with tempfile.TemporaryDirectory() as folder, own_database(engine, Path(folder)) as url:
            database = Database(url)
            upgrade(database)
            with work(database, utc_now()) as uow:
                accounts = [uow.accounts.add(f"A{n}", "standard", "UTC", "en").id or 0
                            for n in range(500)]  # fmt: skip
            stored = 0
            for size in map(int, options.sizes.split(",")):
                _fill(database, accounts, stored, size)
                stored = size
                for whose, chosen in (("a customer's", accounts), ("all", [None])):
                    times = _listing(database, chosen)
                    print(f"growth {engine:12} {size:>9} requests: {whose} open ones in"
                          f" {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms"
                          f"   load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
            database.close()


def _listing(database: Database, accounts: Sequence[int | None]) -> list[float]:
    """Seconds of each look at the open requests of some accounts, in turn."""
    times = []
    for number in range(300):
        began = time.perf_counter()
        with look(database, utc_now()) as uow:
            uow.requests.listed(accounts[number % len(accounts)], open_only=True)
        times.append(time.perf_counter() - began)
    return times


def _fill(database: Database, accounts: list[int], start: int, end: int) -> None:
    """Requests of all customers; one in a hundred is open. The first are copied by the engine."""
    then = datetime(2026, 1, 1, tzinfo=UTC)
    first = [
        {"account_id": accounts[n % len(accounts)], "origin": f"load:{n}", "requester": "U1",
         "requester_name": "Somebody", "channel": f"C{n % 500}", "thread_ts": f"{n}.0",
         "intent": "get_cluster_support", "queue": "support", "severity": "S3",
         "state": "new" if n % 101 == 0 else "closed", "summary": "slow", "fields": {},
         "language": "en", "staff_channel": "C0STAFF", "opened_at": then, "updated_at": then}
        for n in range(start, min(end, 50_000))
    ]  # fmt: skip
    request = SupportRequest.__table__  # type: ignore[attr-defined]
    columns = [column for column in request.columns if column.name != "id"]
    with database.transaction() as session:
        if first:
            session.execute(sa.insert(SupportRequest), first)
        count = start + len(first)
        while count < end:
            copied = [
                column + f":{count}" if column.name == "origin" else column for column in columns
            ]
            more = sa.select(*copied).order_by(request.c.id).limit(min(count, end - count))
            session.execute(sa.insert(request).from_select(columns, more))
            count = session.execute(sa.select(sa.func.count()).select_from(request)).scalar_one()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE TABLE request" if "my" in database.url.drivername
                                   else "ANALYZE")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--burst", type=int, default=2000, help="events a second")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--sizes", default="1000,100000,1000000")
    parser.add_argument("--engine", default="sqlite,postgresql")
    parser.add_argument("--only", default="rate,burst,growth")
    options = parser.parse_args()
    engines = options.engine.split(",")
    parts = {"rate": rate, "burst": burst, "growth": growth, "memory": memory_over_time}
    for name, part in parts.items():
        if name in options.only.split(","):
            part(engines, options)


if __name__ == "__main__":
    main()
