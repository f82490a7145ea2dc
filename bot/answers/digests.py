"""What tells that something has to be read or built again: hashes of files, pages and our code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from bot.answers.index import PageKey

_PARSER = ("anchors", "dialect", "front_matter", "html_table", "pages", "plain_text")
"""Modules that decide what a page's text becomes."""
_VARIABLE = "{{{"


def file_digest(text: str, variables: Mapping[str, str]) -> str:
    """Changes with the file, with the variables it may use, and with the parser."""
    digest = hashlib.blake2b(text.encode(), digest_size=16, key=parser_digest())
    if _VARIABLE in text:
        digest.update(repr(sorted(variables.items())).encode())
    return digest.hexdigest()


def fingerprint(hashes: Mapping[PageKey, str]) -> str:
    """Of a whole set of pages, whatever their order."""
    digest = hashlib.blake2b(digest_size=16)
    for (language, path), content_hash in sorted(hashes.items()):
        digest.update(f"{language}\t{path}\t{content_hash}\n".encode())
    return digest.hexdigest()


@cache
def parser_digest() -> bytes:
    here = Path(__file__).parent
    return _of_files(here / f"{name}.py" for name in _PARSER)


@cache
def code_digest() -> str:
    """Of every line that has a part in an index: its layout, its terms, its weights."""
    return _of_files(sorted(Path(__file__).parent.glob("*.py"))).hex()[:16]


def folder_digest(folders: Iterable[Path]) -> str:
    """Of every file in the folders."""
    files = (file for folder in folders for file in sorted(folder.rglob("*")))
    return _of_files(file for file in files if file.is_file()).hex()


def _of_files(files: Iterable[Path]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)} ".encode())
        digest.update(content)
    return digest.digest()
