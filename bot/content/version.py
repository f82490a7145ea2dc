"""Which content a process runs on, so that two replicas can be compared."""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDERS = ("intents", "knowledge", "templates")


def content_version(folder: Path) -> str:
    """Twelve hex digits that change with any file of the three folders."""
    digest = hashlib.blake2b(digest_size=6)
    for name in FOLDERS:
        for file in sorted((folder / name).rglob("*")):
            if file.is_file():
                content = file.read_bytes()
                digest.update(f"{file.relative_to(folder)} {len(content)} ".encode())
                digest.update(content)
    return digest.hexdigest()
