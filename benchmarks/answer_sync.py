"""What importing costs: whole processes as people start them, on an SQLite database."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def print_sync_costs(docs: Path) -> None:
    """First sync, the same tree again, one changed page; then a bot's start and its memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "docs"
        shutil.copytree(docs, tree)
        environment = {
            **os.environ,
            "SUPPORTBOT_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
            "SUPPORTBOT_CACHE": str(folder / "cache"),
            "SUPPORTBOT_LOG": "WARNING",
        }
        _sync("first sync", tree, environment)
        _sync("unchanged", tree, environment)
        page = next((tree / "en").rglob("backup*.md"))
        page.write_text(page.read_text(encoding="utf-8") + "\nOne line more.\n", encoding="utf-8")
        _sync("one changed page", tree, environment)
        out = subprocess.run(
            [sys.executable, "-c", _SERVE, str(folder)],
            check=True, capture_output=True, text=True, cwd=PROJECT,
        )  # fmt: skip
        served = json.loads(out.stdout)
        print(
            f"served {served['load_ms']:.0f} ms after start, swapped to a version with one changed"
            f" page in {served['swap_ms']:.0f} ms, {served['before_mb']} MB before the library,"
            f" {served['after_mb']} MB after {served['asked']} questions"
        )


def _sync(what: str, tree: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "bot.cli", "kb", "sync", str(tree), "--json"]
    started = time.perf_counter()
    out = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=PROJECT, env=environment
    )
    took = time.perf_counter() - started
    report = json.loads(out.stdout)
    changes = {name: report[name] for name in ("new", "changed", "removed")}
    print(f"{what}: {report['seconds']:.2f} s, the whole process {took:.2f} s {changes}")


_SERVE = re.sub(
    r"^\n",
    "",
    """
import json, sys, time
from pathlib import Path
from bot.service.serving import ServedLibrary
from bot.service.syncing import Syncing
from bot.storage.database import Database, utc_now

folder = Path(sys.argv[1])
database = Database(f"sqlite:///{folder / 'desk.db'}")

def megabytes():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024

before = megabytes()
started = time.perf_counter()
served = ServedLibrary(database, Path("knowledge"), folder / "cache", utc_now)
load = time.perf_counter() - started
asked = ["how do I scale a cluster", "クラスタを削除したい", "怎么创建分支"] * 10
for question in asked:
    served.ask(question)
after = megabytes()
page = next((folder / "docs" / "ja").rglob("backup*.md"))
page.write_text(page.read_text(encoding="utf-8") + "\\nAnother line.\\n", encoding="utf-8")
Syncing(database, Path("knowledge"), folder / "elsewhere", utc_now).run(folder / "docs")
started = time.perf_counter()
served.refresh()
swap = time.perf_counter() - started
print(json.dumps({"load_ms": load * 1e3, "swap_ms": swap * 1e3, "before_mb": before,
                  "after_mb": after, "asked": len(asked)}))
""",
)
