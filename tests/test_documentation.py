"""The documentation is true: what it names exists, and nothing that exists is missing."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli import _parser
from bot.settings import VARIABLES, load_settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = [
    page
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if page.name != "CHANGELOG.md"  # tells of things that are gone
]
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


def code(page: Path) -> list[str]:
    """What stands in backticks, and lines of indented or fenced code."""
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    indented = re.findall(r"^(?: {4}|\t)(?![-*|])(.+)$", text, re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", text)
    return [*inline, *indented, *(line for block in fenced for line in block.splitlines())]


# --- settings -----------------------------------------------------------------------------------


def test_the_table_of_settings_is_complete() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(VARIABLES)


def test_the_defaults_in_the_table_are_the_real_ones() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| `([^`|]*)` \|$", README.read_text("utf-8"), re.MULTILINE)
    found = load_settings({"HOME": "/home/x"}, ROOT)
    real = {
        "SLACK_API_URL": found.api_url,
        "SUPPORTBOT_DATABASE_URL": found.database_url,
        "SUPPORTBOT_STAFF_LANGUAGE": found.staff_language,
        "SUPPORTBOT_PORT": str(found.port),
        "SUPPORTBOT_LOG": found.log_level,
    }
    told = dict(rows)
    assert {name: told.get(name) for name in real} == real


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"\b(?:SUPPORTBOT|SLACK)_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8"))
    assert set(named) <= set(VARIABLES)


# --- commands -----------------------------------------------------------------------------------


def commands(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[str]:
    """`accounts add` and so on, for every command that does something."""
    groups = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not groups:
        yield " ".join(words)
    for group in groups:
        for name, inner in group.choices.items():
            yield from commands(inner, (*words, name))


ALL = sorted(commands(_parser()))


def uses(page: Path) -> list[list[str]]:
    """The arguments of every `supportbot …` that a page shows."""
    found = []
    for piece in code(page):
        # A sample may stand after the path of the program; `…` and `C…` stand for anything.
        match = re.match(r"(?:[\w./$]*/)?supportbot\s+(\w.*)$", piece.strip())
        if match:
            written = match[1].partition(" #")[0].replace("…", "X")
            found.append(shlex.split(written.partition(" | ")[0]))
    return found


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_command_that_is_shown_can_be_given(
    page: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in uses(page):
        try:
            _parser().parse_args(words)
        except SystemExit:
            complaint = capsys.readouterr().err
            # Naming a command without its arguments is no mistake.
            assert "the following arguments are required" in complaint, words


@pytest.mark.parametrize("command", ALL)
def test_every_command_is_in_the_readme(command: str) -> None:
    shown = [" ".join(words) for words in uses(README)]
    # "`tickets list`, `tickets show`": further ones of a group may stand without the program.
    shown += [piece for piece in code(README) if not piece.startswith("supportbot")]
    assert any(f"{one} ".startswith(f"{command} ") for one in shown)


# --- files --------------------------------------------------------------------------------------

_SUFFIXES = (".py", ".yml", ".yaml", ".md", ".toml", ".j2", ".txt", ".png", ".jsonl")
# Places that files of the documentation are told from.
_FROM = ("", "bot", "templates", "templates/words", "knowledge", "intents")


def _looks_like_a_file(piece: str) -> bool:
    if re.search(r"[\s:=…$~\"'()]|^[/#-]|^https?|^\w+\+", piece):
        return False
    return piece.endswith((*_SUFFIXES, "/")) or piece.startswith(("bot/", "tests/", "docs/"))


def paths(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    links = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    plain = re.findall(r"\b([A-Z]{4,}\.md)\b", text)
    pieces = [piece.partition(":")[0] if ".py:" in piece else piece for piece in code(page)]
    return [piece for piece in (*pieces, *links, *plain) if _looks_like_a_file(piece)]


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_file_that_is_named_exists(page: Path) -> None:
    missing = []
    for path in paths(page):
        pattern = re.sub(r"<[^>]+>", "*", path.partition("#")[0]).rstrip("/")
        places = [page.parent, *(ROOT / place for place in _FROM)]
        # A bare name stands beside its folder in a table.
        beside = [] if "/" in pattern else list((ROOT / "bot").rglob(pattern))
        if not beside and not any(list(place.glob(pattern)) for place in places):
            missing.append(path)
    assert missing == []


def test_the_map_names_every_part_of_the_house() -> None:
    named = " ".join(paths(ROOT / "ARCHITECTURE.md"))
    for part in (ROOT / "bot").iterdir():
        if part.name.startswith("__") or not (part.is_dir() or part.suffix == ".py"):
            continue
        assert part.name in named, f"ARCHITECTURE.md does not say what bot/{part.name} is"


def test_every_kind_of_page_was_looked_at() -> None:
    assert {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"} <= set(IDS)
    assert paths(ROOT / "ARCHITECTURE.md")
    assert len(uses(README)) > 5
