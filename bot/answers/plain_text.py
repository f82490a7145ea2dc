"""Words of a Markdown text without its marks."""

from __future__ import annotations

import re

_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)"
)
_AUTOLINK = re.compile(r"<(https?://[^>\s]+)>")
_LINE_MARK = re.compile(r"^[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d+[.)])[ \t]+)?", re.M)
_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]{3,}\|?[ \t]*$", re.M)
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,}).*$", re.M)
_EMPHASIS = re.compile(r"(\*{1,3})(?=\S)(.+?)(?<=\S)\1")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!<>|~-])")
_SPACES = re.compile(r"[ \t]+")


def plain_text(markdown: str) -> str:
    """The text as words and code, one line per line of the source."""
    text = _LINK.sub(r"\1", markdown) if "](" in markdown else markdown
    if "<http" in text:
        text = _AUTOLINK.sub(r"\1", text)
    if "```" in text or "~~~" in text:
        text = _FENCE.sub("", text)
    if "---" in text:
        text = _RULE.sub("", text)
    text = _LINE_MARK.sub("", text)
    text = text.replace("**", "").replace("`", "").replace("|", " ")
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def heading_text(heading: str) -> str:
    """The words of a heading line as a reader sees them."""
    text = _LINK.sub(r"\1", heading)
    text = _EMPHASIS.sub(r"\2", text.replace("`", ""))
    return _SPACES.sub(" ", _ESCAPE.sub(r"\1", text)).strip()
