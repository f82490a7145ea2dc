"""Whoever waits for the phrases to be learnt sees how far it is."""

from __future__ import annotations

import io

from bot.progress import Learning


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_that_fills_and_goes() -> None:
    stream = Terminal()
    learning = Learning(8480, stream)
    learning(0.0)
    learning(1.0)
    drawn = stream.getvalue()
    assert "\n" not in drawn
    assert "learning 8,480 phrases" in drawn
    assert drawn.endswith("\r\x1b[K")


def test_elsewhere_a_line_comes_now_and_then() -> None:
    stream, now = io.StringIO(), 0.0
    learning = Learning(8480, stream, lambda: now)
    for second in range(12):
        now = float(second)
        learning(second / 20)
    learning(1.0)
    assert stream.getvalue().splitlines() == [
        "learning 8,480 phrases …",
        "learning 8,480 phrases: 25 %",
        "learning 8,480 phrases: 50 %",
        "learning 8,480 phrases: 100 %",
    ]
