"""Markdown files of a folder, read so that one bad file never costs the others.

This is the only module here that touches the disk.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

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
    """A file or folder that cannot be read, and the mend."""

    path: str
    words: str

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
                yield item
                continue
            if item.name.startswith(_CONTENTS_PREFIX):
                continue
            found = True
            yield _read(item, root, root_language)
    if not found:
        yield TreeProblem(str(folder), "holds no Markdown: files must end in .md")


def read_variables(folder: Path) -> dict[str, str]:
    """Values for `{{{ .name }}}` from `variables.json` at the top, nested names joined by dots."""
    file = folder / _VARIABLES_FILE
    if not file.is_file():
        return {}
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return {}
    return dict(_flat(values, "")) if isinstance(values, dict) else {}


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
    entered: set[Path] = set()
    for where, folders, names in os.walk(root, followlinks=True, onerror=None):
        here = Path(where)
        real = here.resolve()
        relative = here.relative_to(root).as_posix()
        if real in entered:
            folders.clear()
            yield TreeProblem(relative, "is a link in a circle: skipped")
            continue
        if not real.is_relative_to(outermost):
            folders.clear()
            yield TreeProblem(relative, "is a link that leaves the folder: skipped")
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.endswith(".md"):
                continue
            file = here / name
            if file.resolve().is_relative_to(outermost):
                yield file
            else:
                path = file.relative_to(root).as_posix()
                yield TreeProblem(path, "is a link that leaves the folder: skipped")


def _read(file: Path, root: Path, language: Language | None) -> TreeFile | TreeProblem:
    path = file.relative_to(root).as_posix()
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            return TreeProblem(path, f"has {size:,} bytes; split pages above {LARGEST_FILE:,}")
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return TreeProblem(path, f"is not UTF-8 (byte {error.start}): save it as UTF-8")
    except OSError as error:
        return TreeProblem(path, f"cannot be read: {error.strerror}")
    if "\0" in text:
        return TreeProblem(path, "holds zero bytes: it is not a text file")
    return TreeFile(path, language or language_of(text), text.replace("\r\n", "\n"))
