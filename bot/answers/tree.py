"""Markdown files of a folder, read so that one bad file never costs the others.

This is the only module here that touches the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.answers.front_matter import PageProblem
from bot.answers.words import language_of
from bot.desk.meaning import LANGUAGES, Language

LARGEST_FILE = 5_000_000
"""Bytes. The largest real page has 0.4 MB; more is a dump, not a page."""

_VARIABLES_FILE = "variables.json"
_CONTENTS_PREFIX = "TOC"
"""Tables of contents are lists of links that would win every search for a title."""


@dataclass(frozen=True, slots=True)
class TreeFile:
    """One Markdown file. `path` is relative to the root of its language, with `/`."""

    path: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class TreeProblem:
    """A file or folder that cannot be read, and the mend. `path` as in `TreeFile`."""

    path: str
    words: str
    language: Language | None = None
    """None where the tree does not tell it, or where the whole tree is wrong."""

    def __str__(self) -> str:
        return f"{self.path}: {self.words}"


def walk_tree(folder: Path, language: Language | None = None) -> Iterator[TreeFile | TreeProblem]:
    """Files and problems in the order of their paths.

    Without `language`, folders `en`, `ja` and `zh` at the top tell it; else the name of the folder
    itself; else each file's script.
    """
    if not folder.is_dir():
        yield TreeProblem(str(folder), "is not a folder: name the folder that holds the pages")
        return
    roots = _roots(folder, language)
    found = False
    for root, root_language in roots:
        for item in _files(root, folder.resolve()):
            if isinstance(item, TreeProblem):
                found = True
                yield replace(item, language=root_language)
                continue
            if item.name.startswith(_CONTENTS_PREFIX):
                continue
            found = True
            yield _read(item, root, root_language)
    if not found:
        yield TreeProblem(str(folder), "holds no Markdown: files must end in .md")


def read_variables(folder: Path) -> dict[str, str]:
    """Values for `{{{ .name }}}` from `variables.json` at the top, nested names joined by dots.

    Beside a folder that is named for its language the file may lie one level up. Raises
    `PageProblem` when it is not JSON.
    """
    places = (folder.parent, folder) if folder.name in LANGUAGES else (folder,)
    values: dict[str, str] = {}
    for place in places:
        file = place / _VARIABLES_FILE
        if not file.is_file():
            continue
        try:
            read = json.loads(file.read_text(encoding="utf-8-sig"))
        except (ValueError, OSError) as error:
            raise PageProblem(_VARIABLES_FILE, f"cannot be read as JSON: {error}") from error
        if not isinstance(read, dict):
            raise PageProblem(_VARIABLES_FILE, 'must hold names and values: {"name": "value"}')
        values |= dict(_flat(read, ""))
    return values


def _flat(values: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def _roots(folder: Path, language: Language | None) -> list[tuple[Path, Language | None]]:
    if language is not None:
        return [(folder, language)]
    inside = [one for one in LANGUAGES if (folder / one).is_dir()]
    if inside:
        return [(folder / one, one) for one in inside]
    if folder.name in LANGUAGES:
        return [(folder, folder.name)]
    return [(folder, None)]


def _files(root: Path, outermost: Path) -> Iterator[Path | TreeProblem]:
    """Markdown files below `root`; links are followed while they stay inside, circles never."""
    unreadable: list[OSError] = []
    entered: set[Path] = set()
    real_root = root.resolve()
    for where, folders, names in os.walk(root, followlinks=True, onerror=unreadable.append):
        here = Path(where)
        relative = here.relative_to(root).as_posix()
        if here != root and here.is_symlink():
            real = here.resolve()
            words = _why_not_followed(here, real, real_root, outermost, entered)
            if words:
                folders.clear()
                yield TreeProblem(relative, f"{words}: skipped")
                continue
            entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.endswith(".md"):
                continue
            file = here / name
            if not file.is_symlink() or file.resolve().is_relative_to(outermost):
                yield file
            else:
                path = file.relative_to(root).as_posix()
                yield TreeProblem(path, "is a link that leaves the folder: skipped")
    for error in unreadable:
        path = Path(error.filename).relative_to(root).as_posix()
        yield TreeProblem(path, f"cannot be opened: {error.strerror}")


def _why_not_followed(
    link: Path, real: Path, root: Path, outermost: Path, entered: set[Path]
) -> str:
    """Empty when the linked folder is to be read."""
    if not real.is_relative_to(outermost):
        return "is a link that leaves the folder"
    if real in entered or link.parent.resolve().is_relative_to(real):
        return "is a link in a circle"
    return "is a link to a folder that is read anyway" if real.is_relative_to(root) else ""


def _read(file: Path, root: Path, language: Language | None) -> TreeFile | TreeProblem:
    path = file.relative_to(root).as_posix()

    def problem(words: str) -> TreeProblem:
        return TreeProblem(path, words, language)

    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            size = file.stat().st_size
            return problem(f"has {size:,} bytes; split pages above {LARGEST_FILE:,}")
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return problem(f"is not UTF-8 (byte {error.start}): save it as UTF-8")
    except OSError as error:
        return problem(f"cannot be read: {error.strerror}")
    if "\0" in text:
        return problem("holds zero bytes: it is not a text file")
    return TreeFile(path, language or language_of(text), text.replace("\r\n", "\n"))
