"""How much one person may do before the bot stops answering them, and when it begins again. Pure.

Somebody who writes short lines as fast as people type sends some fifteen a minute, and nobody reads
thirty answers in one. So who does more than `MOST` things within `WINDOW` is told once, and is not
answered until at most `QUIET` of them fall into it: not until the thirty-first is old, which would
answer a steady stream every two seconds.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum

WINDOW = timedelta(minutes=1)
MOST = 30
QUIET = 5


class Pace(Enum):
    ANSWER = "answer"
    HUSH = "hush"
    """Not answered; what belongs to a request still reaches staff."""


def pace(acts: int, *, hushed: bool) -> Pace:
    """`acts` of one person within `WINDOW`, this one included; `hushed` since an earlier one."""
    return Pace.HUSH if acts > (QUIET if hushed else MOST) else Pace.ANSWER
