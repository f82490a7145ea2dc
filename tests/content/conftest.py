from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.folder import Content, load_content

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def content() -> Content:
    """The content of this checkout."""
    return load_content(ROOT)
