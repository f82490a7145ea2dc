"""Small documentation trees about an invented lighthouse, for tests that import them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LAMP = """---
title: Light the Lamp
summary: How the lamp is lit and put out.
---

# Light the Lamp

The lamp needs oil of the second pressing.

## Fill the reservoir

1. Open the brass cap.
2. Pour in four litres of oil.

## Put out the lamp

Close the shutter, then turn the wick down slowly.
"""
FOG = """---
title: Sound the Fog Horn
---

# Sound the Fog Horn

## Choose the rhythm

Two long blasts every minute while you see less than a mile.
"""
LAMP_JA = """---
title: Light the Lamp
---

# 灯りをともす {#light-the-lamp}

## 油を入れる {#fill-the-reservoir}

真鍮のふたを開けて、油を四リットル入れます。
"""
TREE = {"en/lamp.md": LAMP, "en/signals/fog.md": FOG, "ja/lamp.md": LAMP_JA}


def write_tree(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write the files, and remove pages that are not among them; returns `folder`."""
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in files:
            old.unlink()
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
