"""Our own articles' index, kept in the cache folder until an article or this code changes.

The cache can always be deleted: what cannot be read is built again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path

from bot.answers.articles import articles_in
from bot.answers.index import Index
from bot.answers.packing import UnreadableIndex
from bot.desk.meaning import LANGUAGES

log = logging.getLogger(__name__)
_KEPT = 3
"""Indexes of earlier contents that stay, for whoever switches between two versions."""


def kept_index(folder: Path, cache: Path) -> Index:
    """The index of the articles in `folder`. Raises `ContentError` with every mistake in them."""
    file = cache / f"articles-{_key(folder)}.index"
    try:
        return Index.from_bytes(file.read_bytes())
    except FileNotFoundError:
        pass
    except (OSError, UnreadableIndex) as error:
        log.warning("the kept index %s cannot be read (%s); it is built again", file, error)
    index = Index.build(articles_in(folder))
    _keep(file, index.to_bytes())
    return index


def _key(folder: Path) -> str:
    """Changes with any article and with any line of this package."""
    digest = hashlib.blake2b(digest_size=16)
    articles = (file for language in LANGUAGES for file in (folder / language).rglob("*"))
    for file in sorted((*articles, *Path(__file__).parent.glob("*.py"))):
        if file.is_file():
            content = file.read_bytes()
            digest.update(f"{file.name} {len(content)} ".encode())
            digest.update(content)
    return digest.hexdigest()


def _keep(file: Path, content: bytes) -> None:
    """Written beside and moved, so that a process killed halfway leaves nothing half-written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(beside).replace(file)
        older = sorted(file.parent.glob("articles-*.index"), key=lambda f: -f.stat().st_mtime)
        for one in older[_KEPT:]:
            one.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the index cannot be kept in %s: %s", file.parent, error)
