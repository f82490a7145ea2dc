"""What is done when which reminder is due: one line a kind (see `bot.service.timekeeping`)."""

from __future__ import annotations

from collections.abc import Mapping

from bot.service.timekeeping import Ring

RINGS: Mapping[str, Ring] = {}
