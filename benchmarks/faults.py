"""Nothing lost, nothing doubled, nothing out of order – while processes are killed.

    python benchmarks/faults.py [--until-kills 2000] [--until-messages 10000] [--minutes 30]
                                [--engine sqlite,postgresql,mariadb] [--replicas 2] [--rate 12]
                                [--seed 1] [--tally FILE]

Real processes run against the local workspace, which loses acknowledgements, delivers twice,
answers 429 and 500 before and after it has taken a message, delays, lags its history and drops
sockets. Each process is killed by SIGKILL at a named point of `bot/fault_points.py` (or, when it
does not come by in time, wherever it is), now and then frozen for longer than its lease instead;
on the servers several replicas run and all database connections are cut every few seconds. In the
end every effect is counted. Leases and waits are a tenth of real life's. A run ends when there were
enough kills and messages, or when its minutes are over. `--tally` keeps every run in a file, bad
ones too, and prints their sum. Exit status 1 when anything was lost, doubled, out of order or left
undone.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sqlmodel import select  # noqa: E402

from bot.fault_points import POINTS  # noqa: E402
from bot.storage.tables import Inbox, Outbox  # noqa: E402
from tests.storage.conftest import ENGINES, own_database  # noqa: E402
from tests.support.faulty_day import FaultyDay  # noqa: E402

CACHE = Path.home() / ".cache" / "supportbot"
LIFE = 3.0
"""Seconds that a process is given to come by its point on a machine that is not crowded."""
FREEZE = 4
"""Seconds; the longest lease is three."""
BEHIND = 150
"""Effects outstanding at which people wait before they write more."""
COLUMNS = {
    "engine": 12, "replicas": 9, "messages": 9, "posts": 8, "kills": 7, "at point": 9, "points": 7,
    "frozen": 7, "cuts": 6, "lost": 6, "doubled": 8, "out of order": 13, "unfinished": 11, "s": 7,
}  # fmt: skip
"""Of the table, with their widths."""
FAILURES = ("lost", "doubled", "out of order", "unfinished")
NOT_SUMMED = frozenset({"engine", "replicas", "points"})


class Breaker(threading.Thread):
    """Starts one replica after the other and kills each."""

    def __init__(self, day: FaultyDay, stop: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self._day, self._over, self._random = day, stop, random.Random(seed)
        self.at_point: Counter[str] = Counter()
        self.elsewhere = 0
        self.frozen = 0

    @property
    def kills(self) -> int:
        return self.at_point.total() + self.elsewhere

    def run(self) -> None:
        points = list(POINTS)
        self._random.shuffle(points)
        for point in itertools.cycle(points):
            if self._over.is_set():
                return
            nth = self._random.randint(1, 6)
            freezes = self._random.random() < 0.05
            fault = f"{point}:{nth}" + (f":freeze={FREEZE}" if freezes else "")
            child = self._day.bots.start(fault, stumbles=point == "handling.failing")
            life = LIFE * max(1.0, os.getloadavg()[0] / (4 * (os.cpu_count() or 1)))
            if child.wait(FREEZE + life if freezes else life):
                self.at_point[point] += child.was_killed
                continue
            child.signal(9)
            child.wait(5)
            self.elsewhere += 1
            self.frozen += freezes


def run(engine: str, options: argparse.Namespace) -> dict[str, str | int]:
    """One run, as a row of the table."""
    replicas = 1 if engine == "sqlite" else options.replicas
    with (
        tempfile.TemporaryDirectory() as folder,
        own_database(engine, Path(folder)) as url,
        FaultyDay(url, Path(folder), CACHE, options.seed, customers=8) as day,
    ):
        day.misbehave()
        stop = threading.Event()
        breakers = [Breaker(day, stop, options.seed + n) for n in range(replicas)]
        for breaker in breakers:
            breaker.start()
        began = time.monotonic()
        cuts = _write(day, breakers, options, began)
        stop.set()
        for breaker in breakers:
            breaker.join(30)
        day.settle(180, replicas)
        audit = day.audit()
        at_point = sum((breaker.at_point for breaker in breakers), Counter())
        row: dict[str, str | int] = {
            "engine": engine,
            "replicas": replicas,
            "messages": audit.messages,
            "posts": audit.posts,
            "kills": sum(breaker.kills for breaker in breakers),
            "at point": at_point.total(),
            "points": len(+at_point),
            "frozen": sum(breaker.frozen for breaker in breakers),
            "cuts": cuts,
            "lost": len(audit.lost),
            "doubled": len(audit.doubled),
            "out of order": len(audit.out_of_order),
            "unfinished": len(audit.unfinished),
            "s": round(time.monotonic() - began),
        }
        show(row)
        for problem in (*audit.lost, *audit.doubled, *audit.out_of_order, *audit.unfinished)[:20]:
            print(f"    {problem}")
        if options.keep:
            _keep(day, Path(folder), Path(options.keep) / f"{engine}-{options.seed}")
        return row


def _keep(day: FaultyDay, folder: Path, kept: Path) -> None:
    """What is needed to find out what happened: logs, rows of both queues, the workspace."""
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "bots.log", kept)
    with day.database.reading() as session:
        for table in (Inbox, Outbox):
            rows = [row.model_dump(mode="json") for row in session.exec(select(table))]
            lines = (json.dumps(row, default=str) for row in rows)
            (kept / f"{table.__tablename__}.jsonl").write_text("\n".join(lines))
    with day.sandbox.workspace.lock:
        messages = [repr(message) for message in day.sandbox.workspace.messages.everything()]
    (kept / "workspace.txt").write_text("\n".join(messages))


def show(row: Mapping[str, str | int]) -> None:
    cells = (f"{row.get(name, ''):>{width}}" for name, width in COLUMNS.items())
    print("".join(cells), flush=True)


def tally(file: Path, rows: list[dict[str, str | int]]) -> None:
    """Add the runs to those that the file holds; print them all and their sum."""
    with file.open("a", encoding="utf-8") as kept:
        kept.writelines(json.dumps(row) + "\n" for row in rows)
    every = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    print(f"\n{len(every)} runs in {file.name}")
    for row in every:
        show(row)
    sums = {name: sum(row[name] for row in every) for name in COLUMNS if name not in NOT_SUMMED}
    show({"engine": "sum", **sums})


def _write(
    day: FaultyDay, breakers: list[Breaker], options: argparse.Namespace, began: float
) -> int:
    """Let people write until there were enough kills and messages, or the time is over."""
    cuts, last_cut, last_drop = 0, began, began
    until = began + options.minutes * 60
    while (now := time.monotonic()) < until:
        enough = day.written >= options.until_messages
        if enough and sum(breaker.kills for breaker in breakers) >= options.until_kills:
            break
        if day.outstanding() < BEHIND:
            day.somebody_writes()
        if now - last_drop > 5:
            last_drop = now
            day.sandbox.faults.drop_sockets(abruptly=True)
        if now - last_cut > 4 and not day.database.embedded:
            last_cut, cuts = now, cuts + 1
            day.cut_connections()
        time.sleep(1 / options.rate)
    return cuts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--until-kills", type=int, default=2000)
    parser.add_argument("--until-messages", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=12, help="messages a second")
    parser.add_argument("--engine", default=",".join(ENGINES))
    parser.add_argument("--replicas", type=int, default=2, help="on the servers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tally", type=Path, metavar="FILE", help="runs to add up")
    parser.add_argument("--keep", metavar="FOLDER", help="keep logs and rows there")
    options = parser.parse_args()
    show({name: name for name in COLUMNS} | {"engine": ""})
    rows = [run(engine, options) for engine in options.engine.split(",")]
    if options.tally:
        tally(options.tally, rows)
    bad = any(
        row[name] for row in rows for name in ("lost", "doubled", "out of order", "unfinished")
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
