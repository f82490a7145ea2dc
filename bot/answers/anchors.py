"""Heading anchors as the published site forms them (the rules of github-slugger)."""

from __future__ import annotations

import re

_EXPLICIT = re.compile(r"\s*\{#([^}\s]+)\}\s*$")
_NOT_IN_SLUG = re.compile(r"[^\w\- ]")


def explicit_id(heading: str) -> tuple[str, str | None]:
    """A heading without its `{#id}`, and the id."""
    found = _EXPLICIT.search(heading)
    return (heading[: found.start()], found[1]) if found else (heading, None)


class Slugger:
    """Anchors of one page: a repeated heading gets `-1`, `-2`, … in the order of the page."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def anchor(self, heading: str, explicit: str | None = None) -> str:
        """The anchor for the plain text of a heading; an explicit id is taken as it is."""
        wanted = explicit or _NOT_IN_SLUG.sub("", heading.lower()).replace(" ", "-")
        anchor = wanted
        while anchor in self._seen:
            self._seen[wanted] += 1
            anchor = f"{wanted}-{self._seen[wanted]}"
        self._seen[anchor] = 0
        return anchor
