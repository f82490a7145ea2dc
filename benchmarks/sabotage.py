"""Would anybody notice? Takes each guard of `sabotage.yml` away and sees the named test fail.

    python benchmarks/sabotage.py [--only WORD]

Everything happens in a copy of this checkout. First every named test has to pass there; then, guard
by guard, it has to fail without it. Exit status 1 when a guard can be taken away unnoticed.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_suffix(".yml")
PARTS = ("app.yml", "pyproject.toml", "constraints.txt", "README.md", "bot", "intents", "knowledge",
         "templates", "tests", "benchmarks", "docs")  # fmt: skip
TESTS_FAILED = 1
"""pytest's status when tests ran and some failed; anything else is no proof."""


@dataclass(frozen=True, slots=True)
class Guard:
    guard: str
    file: str
    old: str
    new: str
    test: str

    def taken_out_of(self, text: str) -> str:
        """Raises ValueError when the guard does not stand there exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.guard}: stands {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


def guards() -> list[Guard]:
    return [Guard(**entry) for entry in yaml.safe_load(LIST.read_text(encoding="utf-8"))]


def copy_to(folder: Path) -> None:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, folder / part)


def run_tests(folder: Path, *tests: str) -> int:
    """pytest's exit status."""
    return subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:xdist", *tests],
        cwd=folder, check=False, capture_output=True, timeout=300,
    ).returncode  # fmt: skip


def is_noticed(folder: Path, guard: Guard) -> bool:
    """Take it away, run its test, put it back."""
    file = folder / guard.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(guard.taken_out_of(whole), encoding="utf-8")
    try:
        return run_tests(folder, guard.test) == TESTS_FAILED
    finally:
        file.write_text(whole, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="guards whose name has this word")
    options = parser.parse_args()
    chosen = [guard for guard in guards() if options.only in guard.guard]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_to(folder)
        if run_tests(folder, *dict.fromkeys(guard.test for guard in chosen)) != 0:
            print("the named tests do not pass as it is: nothing can be shown")
            return 1
        unnoticed = 0
        for guard in chosen:
            began = time.monotonic()
            noticed = is_noticed(folder, guard)
            unnoticed += not noticed
            verdict = "noticed" if noticed else "NOT NOTICED"
            print(f"{verdict:12} {time.monotonic() - began:5.1f} s  {guard.guard}", flush=True)
    print(f"{len(chosen)} guards, {unnoticed} unnoticed")
    return 1 if unnoticed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
