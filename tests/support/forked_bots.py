"""Bots as processes of their own that start in a blink: forked from one that has all loaded.

    python -m tests.support.forked_bots CONTENT CACHE

reads one JSON object a line (`number`, `settings`, `fault`, `hasty`) and answers with lines
`{"exited": number, "status": …}` when such a process has ended. A child runs what `supportbot run`
runs; `hasty` shortens leases and waits, so that a test need not sit out half minutes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
_LOOK = 0.01
"""Seconds between looks for children that have ended."""


# --- inside the forking process ---------------------------------------------------------------


def main(content: str, cache: str) -> None:
    _load_once(Path(content), Path(cache))
    print("{}", flush=True)  # ready
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    running: dict[int, int] = {}
    waiting = b""
    while True:
        if selector.select(_LOOK):
            read = os.read(sys.stdin.fileno(), 65536)
            if not read:
                break
            *lines, waiting = (waiting + read).split(b"\n")
            for line in lines:
                order = json.loads(line)
                pid = os.fork()
                if pid == 0:
                    _be_a_bot(order)
                running[pid] = order["number"]
                print(json.dumps({"started": order["number"], "pid": pid}), flush=True)
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            number = running.pop(pid)
            print(json.dumps({"exited": number, "status": status}), flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _load_once(content: Path, cache: Path) -> None:
    """Have the composition root hand out what is loaded here."""
    from bot import wiring
    from bot.answers.library import Library
    from bot.settings import load_settings

    settings = load_settings({"SUPPORTBOT_CACHE": str(cache)}, content)
    loaded = wiring.load_content(content)
    understanding = wiring.build_understanding(loaded, settings)
    library = Library.from_folder(content / "knowledge", cache=cache)
    # People ask for no documents on a bad day: the articles do, whatever version is current.
    library.refresh = lambda: False  # type: ignore[attr-defined]
    wiring.load_content = lambda _folder: loaded
    wiring.build_understanding = lambda *_: understanding
    wiring.build_library = lambda *_: library


def _be_a_bot(order: Mapping[str, Any]) -> None:
    status = 1
    try:
        logging.basicConfig(filename=order["log"], level="WARNING", force=True,
                            format="%(asctime)s %(process)s %(name)s %(message)s")  # fmt: skip
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1):
            os.dup2(null, stream)
        leave = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: leave.set())
        if order["hasty"]:
            _be_hasty(order["reads"])
        status = _run(order, leave)
    except Exception:
        logging.exception("the process ends")
    finally:
        os._exit(status)


def _run(order: Mapping[str, Any], leave: threading.Event) -> int:
    from bot.fault_points import arm_as_told
    from bot.settings import Settings
    from bot.wiring import build_bot

    written = dict(order["settings"])
    written |= {"content": Path(written["content"]), "cache": Path(written["cache"])}
    written["admins"] = frozenset(written["admins"])
    arm_as_told(order["fault"])
    bot = build_bot(Settings(**written))
    if order["stumbles"]:
        _stumble_once(bot)
    bot.start()
    leave.wait()
    bot.stop()
    return 0


def _stumble_once(bot: Any) -> None:
    """The first message that is handled meets a bug."""
    handling = bot.worker._handling
    handle = handling.handle

    def stumble(_row: object) -> None:
        handling.handle = handle
        raise RuntimeError("a bug met on purpose")

    handling.handle = stumble


def _be_hasty(reads: int) -> None:
    """A tenth of the leases and waits of real life; each stays longer than what it covers."""
    from bot import worker
    from bot.desk import retries
    from bot.service import catch_up, delivery, pacing
    from bot.slack import gateway

    gateway.TIME_OUT = 1  # seconds, of one call
    worker.LEASE = timedelta(seconds=2)
    delivery.LEASE = timedelta(seconds=3)
    delivery._QUIET = timedelta(seconds=0.3)
    retries.FIRST_WAIT, retries.LONGEST_WAIT = 0.1, 2.0
    pacing.PER_SECOND = 10_000.0
    catch_up.PER_MINUTE = reads
    catch_up.IDLE = 0.2
    catch_up.REFRESH = timedelta(seconds=1)


# --- outside ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Child:
    """One bot process."""

    number: int
    pid: int = 0
    status: int | None = None
    started: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """True when it has ended by then."""
        return self.ended.wait(seconds)

    @property
    def was_killed(self) -> bool:
        return self.status is not None and os.WIFSIGNALED(self.status)

    def signal(self, number: int) -> None:
        self.started.wait(5)
        if not self.ended.is_set():
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
                os.kill(self.pid, number)

    def end(self) -> None:
        """Stop it cleanly, or else by force."""
        self.signal(signal.SIGTERM)
        if not self.wait(15):
            self.signal(signal.SIGKILL)
            self.wait(5)


class ForkedBots:
    """Use as a context manager; `settings` is what every child gets."""

    def __init__(self, settings: Any, log: Path) -> None:
        self._settings = {
            name: sorted(value) if isinstance(value, frozenset)
            else str(value) if isinstance(value, Path) else value
            for name, value in asdict(settings).items()
        }  # fmt: skip
        self._log = log
        self._children: dict[int, Child] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.forked_bots",
             self._settings["content"], self._settings["cache"]],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("the forking process did not start")
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._listener.join(5)
        self._process.stdout.close()

    def start(
        self, fault: str = "", *, reads: int = 40, hasty: bool = True, stumbles: bool = False
    ) -> Child:
        """`reads`: how many pages of history a minute the catch-up may read."""
        with self._lock:
            child = Child(len(self._children))
            self._children[child.number] = child
            order = {"number": child.number, "settings": self._settings, "fault": fault,
                     "hasty": hasty, "reads": reads, "stumbles": stumbles,
                     "log": str(self._log)}  # fmt: skip
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        child.started.wait(5)
        return child

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                child = self._children[told["started"]]
                child.pid = told["pid"]
                child.started.set()
            else:
                child = self._children[told["exited"]]
                child.status = told["status"]
                child.ended.set()


if __name__ == "__main__":
    main(*sys.argv[1:])
