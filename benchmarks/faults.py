"""Nothing lost, nothing doubled, nothing out of order – while processes are killed.

    python benchmarks/faults.py [--kills 2000] [--messages 10000] [--minutes 30]
                                [--engine sqlite,postgresql,mariadb] [--rate 12] [--seed 1]

Real processes run against the local workspace, which loses acknowledgements, delivers twice,
answers 429 and 500 before and after it has taken a message, delays, lags its history and drops
sockets. Each process is killed by SIGKILL at a named point of `bot/fault_points.py` (or, when it
does not come by in time, wherever it is), now and then frozen for longer than its lease instead;
on the servers two replicas run and all database connections are cut every few seconds. In the end
every effect is counted. Leases and waits are a tenth of real life's. Exit status 1 when anything
was lost, doubled, out of order or left undone.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bot.fault_points import POINTS  # noqa: E402
from tests.storage.conftest import ENGINES, own_database  # noqa: E402
from tests.support.faulty_day import FaultyDay  # noqa: E402

CACHE = Path.home() / ".cache" / "supportbot"
LIFE = 2.0
"""Seconds that a process is given to come by its point."""
FREEZE = 4
"""Seconds; the longest lease is three."""
BEHIND = 150
"""Effects outstanding at which people wait before they write more."""


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
            if child.wait(FREEZE + LIFE if freezes else LIFE):
                self.at_point[point] += child.was_killed
                continue
            child.signal(9)
            child.wait(5)
            self.elsewhere += 1
            self.frozen += freezes


def run(engine: str, options: argparse.Namespace) -> bool:
    replicas = 1 if engine == "sqlite" else 2
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
        kills = sum(breaker.kills for breaker in breakers)
        at_point = sum((breaker.at_point for breaker in breakers), Counter())
        print(
            f"{engine:12}{replicas:>9}{audit.messages:>10}{audit.posts:>8}{kills:>7}"
            f"{at_point.total():>9}{len(+at_point):>8}{sum(b.frozen for b in breakers):>8}"
            f"{cuts:>6}{len(audit.lost):>6}{len(audit.doubled):>9}{len(audit.out_of_order):>14}"
            f"{len(audit.unfinished):>12}{time.monotonic() - began:>7.0f}",
            flush=True,
        )
        for problem in (*audit.lost, *audit.doubled, *audit.out_of_order, *audit.unfinished)[:20]:
            print(f"    {problem}")
        if options.log:
            Path(options.log).write_text((Path(folder) / "bots.log").read_text())
        return audit.is_clean


def _write(
    day: FaultyDay, breakers: list[Breaker], options: argparse.Namespace, began: float
) -> int:
    """Let people write until there were enough kills and messages, or the time is over."""
    cuts, last_cut, last_drop = 0, began, began
    until = began + options.minutes * 60
    while (now := time.monotonic()) < until:
        enough = day.written >= options.messages
        if enough and sum(breaker.kills for breaker in breakers) >= options.kills:
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
    parser.add_argument("--kills", type=int, default=2000)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=12, help="messages a second")
    parser.add_argument("--engine", default=",".join(ENGINES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", help="keep the processes' log here")
    options = parser.parse_args()
    print(f"{'':12}{'replicas':>9}{'messages':>10}{'posts':>8}{'kills':>7}{'at point':>9}"
          f"{'points':>8}{'frozen':>8}{'cuts':>6}{'lost':>6}{'doubled':>9}{'out of order':>14}"
          f"{'unfinished':>12}{'s':>7}", flush=True)  # fmt: skip
    clean = [run(engine, options) for engine in options.engine.split(",")]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
