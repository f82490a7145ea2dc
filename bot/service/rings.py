"""What is done when which reminder is due: one line a kind (see `bot.service.timekeeping`)."""

from __future__ import annotations

from collections.abc import Mapping

from bot.service.announcements import RESULT, announcement_result
from bot.service.boards import STALE, redraw
from bot.service.channels import MOVED, move_again
from bot.service.overdue import answer_due, answer_overdue, answer_soon, promise_moved
from bot.service.pacing_people import HUSHED, quiet_again
from bot.service.process_steps import ended, ends_soon
from bot.service.ratings import ask_rating
from bot.service.staleness import gone_stale, nudge
from bot.service.timekeeping import Ring
from bot.service.weekly import weekly_report

RINGS: Mapping[str, Ring] = {
    "answer_soon": answer_soon,
    "answer_due": answer_due,
    "answer_overdue": answer_overdue,
    "promise_moved": promise_moved,
    "nudge": nudge,
    "gone_stale": gone_stale,
    "weekly_report": weekly_report,
    "ends_soon": ends_soon,
    "ended": ended,
    "ask_rating": ask_rating,
    RESULT: announcement_result,
    HUSHED: quiet_again,
    MOVED: move_again,
    STALE: redraw,
}
