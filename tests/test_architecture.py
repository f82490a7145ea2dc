"""The walls of the house: who may import whom, one home for each library, quiet imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]

HOMES = {
    "slack_bolt": ["bot.slack"],
    "slack_sdk": ["bot.slack"],
    "waitress": ["bot.slack"],
    "prometheus_client": ["bot.service"],
    "sqlmodel": ["bot.storage"],
    "sqlalchemy": ["bot.storage"],
    "alembic": ["bot.storage"],
    "cryptography": ["bot.storage"],
    "jinja2": ["bot.content", "bot.sandbox"],
    "yaml": ["bot.answers", "bot.check", "bot.content", "bot.sandbox", "bot.understanding"],
    "rapidfuzz": ["bot.answers", "bot.understanding"],
    "numpy": ["bot.answers", "bot.understanding"],
    "scipy": ["bot.answers", "bot.understanding"],
    "Stemmer": ["bot.answers"],
    "matplotlib": ["bot.content"],
    "starlette": ["bot.sandbox"],
    "uvicorn": ["bot.sandbox"],
    "h11": ["bot.sandbox"],
    "markdown_it": ["bot.sandbox"],
    "markupsafe": ["bot.sandbox"],
}
# Kinds of database errors that are told apart there.
EXCEPTIONS = {(one, "sqlalchemy") for one in ("bot.forget", "bot.service", "bot.worker")}


@pytest.fixture(scope="session")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("bot", include_external_packages=True, cache_dir=None)


def outside(graph: grimp.ImportGraph) -> list[tuple[str, str]]:
    """(module of ours, third-party library) of every import."""
    return [
        (module, imported)
        for module in graph.modules
        if module.split(".")[0] == "bot"
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.split(".")[0] not in ("bot", *sys.stdlib_module_names)
    ]


def test_imports_point_one_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The contracts stand in `pyproject.toml`; `make lint` checks the same."""
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)
    # Its own logging would switch off every logger there is, for all tests that come after.
    monkeypatch.setattr("importlinter.cli.logging_config.dictConfig", lambda _: None)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_business_knows_the_standard_library_and_itself_only(
    graph: grimp.ImportGraph,
) -> None:
    desk = {"bot.desk", *graph.find_descendants("bot.desk")}
    imported = {
        found for module in desk for found in graph.find_modules_directly_imported_by(module)
    }
    foreign = {
        name for name in imported - desk if name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()


def test_every_library_has_a_home_and_stays_in_it(graph: grimp.ImportGraph) -> None:
    strays = {
        (module, library)
        for module, library in outside(graph)
        if not any(f"{module}.".startswith(f"{home}.") for home in HOMES.get(library, ()))
        and (".".join(module.split(".")[:2]), library) not in EXCEPTIONS
    }
    assert strays == set()


def test_every_home_is_lived_in(graph: grimp.ImportGraph) -> None:
    used = outside(graph)
    for library, homes in HOMES.items():
        for home in homes:
            assert any(
                found == library and f"{module}.".startswith(f"{home}.") for module, found in used
            ), f"{home} does not import {library} any more: take it off the table"


_IMPORT_EVERYTHING = """
import os, pkgutil, sys, threading

done = []

def watch(event, details):
    if event in ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen"):
        done.append(f"{event} {details!r}")
    if event == "open" and isinstance(details[1], str) and set(details[1]) & set("wax+"):
        done.append(f"wrote {details[0]!r}")

class Watched(dict):
    def _noted(self, name):
        for depth in (2, 3):
            module = sys._getframe(depth).f_globals.get("__name__", "")
            if module.split(".")[0] == "bot":
                done.append(f"{module} reads the environment: {name}")
    def __getitem__(self, name):
        self._noted(name)
        return super().__getitem__(name)
    def get(self, name, default=None):
        self._noted(name)
        return super().get(name, default)

os.environ = Watched(os.environ)
sys.addaudithook(watch)
sys.dont_write_bytecode = True
import bot
names = [found.name for found in pkgutil.walk_packages(bot.__path__, "bot.")]
for name in names:
    # These two are scripts of alembic and of `python -m`.
    if name.startswith("bot.storage.migrations.") or name.endswith(".__main__"):
        continue
    __import__(name)
if threading.active_count() != 1:
    done.append(f"threads: {threading.enumerate()}")
print(len(names), *done, sep="\\n")
"""


def test_importing_a_module_starts_nothing(tmp_path: Path) -> None:
    """No engine, no thread, no file written, no environment read, no address looked up."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", _IMPORT_EVERYTHING],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "SUPPORTBOT_PORT": "not a number"},
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    count, *done = ran.stdout.splitlines()
    assert done == []
    assert int(count) > 80


@pytest.mark.parametrize(
    "folder", ["intents", "knowledge", "templates"], ids=["intents", "knowledge", "templates"]
)
def test_the_content_holds_no_code(folder: str) -> None:
    assert list((ROOT / folder).rglob("*.py")) == []
