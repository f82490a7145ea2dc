"""Error messages among people's words."""

from __future__ import annotations

import pytest

from bot.desk.error_messages import holds_error_message


@pytest.mark.parametrize(
    "text",
    [
        "ERROR 9005 (HY000): Region is unavailable",
        "we get error code: 1105 all the time",
        "接続すると ER_ACCESS_DENIED_ERROR が出ます",
        "HERON-4093: relay key expired",
        "java.sql.SQLException: no more data",
        "SQLSTATE[08004] too many connections",
    ],
)
def test_what_a_program_printed_is_recognised(text: str) -> None:
    assert holds_error_message(text)


@pytest.mark.parametrize(
    "text",
    [
        "our cluster is slow and the error rate goes up",
        "SUP-1001: please close it",
        "there was an error in 2024",
        "an error occurred, please help",
        "连接时报错了",
    ],
)
def test_words_about_an_error_are_no_message(text: str) -> None:
    assert not holds_error_message(text)
