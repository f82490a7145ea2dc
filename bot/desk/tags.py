"""Tags of a request: staff's own words for finding and counting; never shown to customers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.desk.errors import NotAllowed

MOST_TAGS = 10
LONGEST_TAG = 30
_BETWEEN = re.compile(r"[\s,，、;]+")
_TAG = re.compile(r"[\w][\w.-]*")


def read_tags(written: str) -> tuple[str, ...]:
    """`#Billing, invoice` → ("billing", "invoice"), each once, in order.

    Full-width and capital letters are the same tag. Raises `NotAllowed` naming what is no tag.
    """
    words = _BETWEEN.split(unicodedata.normalize("NFKC", written).casefold())
    tags = [word.removeprefix("#") for word in words if word.strip("#")]
    for tag in tags:
        if not _TAG.fullmatch(tag) or len(tag) > LONGEST_TAG:
            raise NotAllowed("not_now.bad_tag", tag=tag[:LONGEST_TAG])
    return kept(tags)


def kept(tags: Iterable[str]) -> tuple[str, ...]:
    """Each once, in order. Raises `NotAllowed` when there are more than a request may carry."""
    unique = tuple(dict.fromkeys(tags))
    if len(unique) > MOST_TAGS:
        raise NotAllowed("not_now.many_tags", count=str(MOST_TAGS))
    return unique
