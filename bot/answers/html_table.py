"""HTML tables as pipe tables, which search and chat clients both read."""

from __future__ import annotations

import re

CELL_TAGS = frozenset(
    [
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "colgroup",
        "col",
        "li",
        "ul",
        "ol",
        "p",
    ]
)

_ROW = re.compile(r"<tr[^>]*>(.*?)(?=<tr[\s>]|</tbody|</thead|</table|\Z)", re.S | re.I)
_CELL = re.compile(r"<(t[dh])\b([^>]*)>(.*?)(?=<t[dhr]\b|</t[dhr]>|\Z)", re.S | re.I)
_SPAN = re.compile(r"(row|col)span\s*=\s*[\"']?(\d+)", re.I)
_BREAK = re.compile(r"<(?:br|/?p|/?[uo]l|/?li)\b[^>]*>", re.I)
_TAG = re.compile(rf"</?(?:{'|'.join(sorted(CELL_TAGS))})\b[^>]*>", re.I)

_MOST_COLUMNS = 40
"""A `colspan` above this is a slip; it must not fill the memory."""


def pipe_table(html: str, indent: str = "") -> list[str]:
    """The rows of the table as lines, the first one as the heading.

    A cell that spans rows or columns is repeated, so that each line stands for itself.
    """
    rows: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for row in _ROW.findall(html):
        cells: list[str] = []
        for _, attributes, inner in _CELL.findall(row):
            _take_hanging(cells, hanging)
            spans = {name.lower(): int(count) for name, count in _SPAN.findall(attributes)}
            text = _cell_text(inner)
            for _ in range(min(spans.get("col", 1), _MOST_COLUMNS)):
                if spans.get("row", 1) > 1:
                    hanging[len(cells)] = (spans["row"] - 1, text)
                cells.append(text)
        _take_hanging(cells, hanging)
        if cells:
            rows.append(cells)
    if not rows:
        return []
    width = max(len(row) for row in rows)
    lines = [_line(row + [""] * (width - len(row)), indent) for row in rows]
    return [lines[0], _line(["---"] * width, indent), *lines[1:]]


def _take_hanging(cells: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    while len(cells) in hanging:
        left, text = hanging.pop(len(cells))
        if left > 1:
            hanging[len(cells)] = (left - 1, text)
        cells.append(text)


def _cell_text(inner: str) -> str:
    parts = [" ".join(_TAG.sub("", part).split()) for part in _BREAK.split(inner)]
    return "; ".join(part for part in parts if part).replace("|", "\\|")


def _line(cells: list[str], indent: str) -> str:
    return f"{indent}| {' | '.join(cells)} |"
