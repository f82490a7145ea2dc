"""The text of an answer: as much of a section as fits, cut only between its blocks.

A block is what must stay whole: a paragraph, a list, a table, a code block, a quotation. A line
that ends in a colon takes along what it announces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz

WHOLE_SECTION = 1_500
"""Characters. Three of four sections fit, and more than this nobody reads in a chat."""

BlockKind = Literal["paragraph", "list", "table", "code", "quote"]

_ITEM = re.compile(r"(?:[-*+]|\d+[.)])\s+")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_ANNOUNCES = (":", "：")


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    text: str


def blocks_of(markdown: str) -> list[Block]:
    """The blocks of a text in order. An item's continuation lines, code and tables stay with it."""
    blocks: list[Block] = []
    lines: list[str] = []
    kind: BlockKind = "paragraph"
    fence = ""

    def close() -> None:
        nonlocal lines
        text = "\n".join(lines).strip("\n").rstrip()
        if text.strip():
            blocks.append(Block(kind, text))
        lines = []

    for line in markdown.split("\n"):
        bare = line.strip()
        if fence:
            lines.append(line)
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
                if kind == "code":
                    close()
            continue
        indented = line[:1] in (" ", "\t")
        opening = _FENCE.match(bare)
        if kind == "list" and lines and (not bare or indented or _ITEM.match(bare)):
            lines.append(line)
            fence = opening[1] if opening else ""
            continue
        found = _kind_of(bare, bool(opening))
        if not bare or found != kind or kind == "code":
            close()
        kind = found
        if bare:
            lines.append(line)
            fence = opening[1] if opening else ""
    close()
    return blocks


def answer_text(markdown: str, question: str, limit: int = WHOLE_SECTION) -> tuple[str, bool]:
    """The answer, and whether something was left out.

    A section that fits is given whole. Of a longer one: the lead, the first list (its steps), and
    the block that is closest to the question, in their order.
    """
    if len(markdown) <= limit:
        return markdown, False
    groups = _groups(blocks_of(markdown))
    chosen: set[int] = set()
    left = limit
    for number in _by_worth(groups, question):
        length = len(_text(groups[number])) + 2
        if length <= left:
            chosen.add(number)
            left -= length
        elif not chosen:
            return _first_part(groups[number], limit), True
    return "\n\n".join(_text(groups[number]) for number in sorted(chosen)), True


def _kind_of(bare: str, fence: bool) -> BlockKind:
    if fence:
        return "code"
    if bare.startswith("|"):
        return "table"
    if bare.startswith(">"):
        return "quote"
    return "list" if _ITEM.match(bare) else "paragraph"


def _groups(blocks: Iterable[Block]) -> list[list[Block]]:
    """Blocks with what announces them: a paragraph ending in a colon, or a tab's label."""
    groups: list[list[Block]] = []
    for block in blocks:
        if groups and _announces(groups[-1][-1]):
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def _announces(block: Block) -> bool:
    if block.kind != "paragraph":
        return False
    text = block.text.rstrip()
    label = text.startswith("**") and text.endswith("**") and "\n" not in text
    plans = text.startswith("*(") and text.endswith(")*")
    return label or plans or text.rstrip("*").endswith(_ANNOUNCES)


def _by_worth(groups: list[list[Block]], question: str) -> list[int]:
    """Numbers of the groups, the most wanted first: the lead, then by likeness, lists preferred."""

    def worth(number: int) -> float:
        likeness = fuzz.token_set_ratio(question.lower(), _text(groups[number]).lower()) / 100
        steps = any(block.kind == "list" for block in groups[number])
        return likeness + 0.3 * steps - 0.02 * number

    rest = sorted(range(1, len(groups)), key=lambda number: -worth(number))
    return [0, *rest]


def _text(group: list[Block]) -> str:
    return "\n\n".join(block.text for block in group)


def _first_part(group: list[Block], limit: int) -> str:
    """The start of a group that is too long by itself: whole items, rows or paragraphs only."""
    kept: list[str] = []
    left = limit
    for block in group:
        if len(block.text) + 2 <= left:
            kept.append(block.text)
            left -= len(block.text) + 2
            continue
        pieces = _pieces(block)
        taken: list[str] = []
        for piece in pieces:
            if len(piece) + 1 > left:
                break
            taken.append(piece)
            left -= len(piece) + 1
        if block.kind == "table" and len(taken) < 3:
            taken = []  # a heading row without rows says nothing
        if taken:
            kept.append("\n".join(taken).rstrip())
        break
    return "\n\n".join(kept)


def _pieces(block: Block) -> list[str]:
    """Parts of a block that may be left out from the end: rows of a table, items of a list."""
    lines = block.text.split("\n")
    if block.kind == "table":
        return lines
    if block.kind != "list":
        return [block.text]
    items: list[list[str]] = []
    fence = ""
    for line in lines:
        bare = line.strip()
        starts = not fence and line[:1] not in (" ", "\t") and _ITEM.match(bare)
        if starts or not items:
            items.append([])
        items[-1].append(line)
        opening = _FENCE.match(bare)
        if fence and bare.startswith(fence) and not bare.strip(fence[0]):
            fence = ""
        elif not fence and opening:
            fence = opening[1]
    return ["\n".join(item) for item in items]
