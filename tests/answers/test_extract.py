"""Answers are cut between blocks, never inside one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.answers.extract import answer_text, blocks_of

STEPS = "Do this:\n\n1. First.\n\n    ```shell\n    run\n\n    more\n    ```\n\n2. Second.\n"


def test_a_list_keeps_its_code_and_continuation_lines() -> None:
    kinds = [block.kind for block in blocks_of(STEPS + "\nAfter.\n")]
    assert kinds == ["paragraph", "list", "paragraph"]


def test_a_section_that_fits_is_given_whole() -> None:
    assert answer_text(STEPS, "x") == (STEPS, False)


def test_a_lead_that_ends_in_a_colon_takes_its_list_along() -> None:
    filler = "\n\n".join(["Nothing to see. " * 8] * 4)
    text, cut = answer_text(f"{STEPS}\n\n{filler}", "x", limit=200)
    assert cut
    assert text.startswith("Do this:\n\n1. First.")
    assert text.endswith("2. Second.")


def test_the_block_closest_to_the_question_is_chosen() -> None:
    blocks = ["Lead.", *(f"About {word}. " * 6 for word in ("cats", "tigers", "birds", "fish"))]
    text, _ = answer_text("\n\n".join(blocks), "about tigers", limit=130)
    assert "tigers" in text
    assert "cats" not in text


def test_a_long_table_keeps_whole_rows_and_its_heading() -> None:
    rows = ["| a | b |", "| --- | --- |", *(f"| {n} | text |" for n in range(200))]
    text, cut = answer_text("\n".join(rows), "x", limit=300)
    assert cut
    assert text.split("\n") == rows[: len(text.split("\n"))]
    assert len(text.split("\n")) > 3


def test_an_overlong_code_block_is_left_out_rather_than_cut() -> None:
    text, cut = answer_text("Lead.\n\n```\n" + "x\n" * 500 + "```", "x", limit=300)
    assert (text, cut) == ("Lead.", True)


PIECES = st.sampled_from(
    [
        "A paragraph with a [link to something](https://example.com/very/long/address#part).",
        "Steps:",
        "1. One [a](https://example.com/b)\n2. Two\n\n"
        "    ```sql\n    SELECT 1;\n\n    -- two\n    ```\n",
        "- a\n    - b\n\n        c\n- d",
        "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |",
        "```yaml\n# not a heading\n\n- x: |\n```",
        "> **Note:**\n>\n> Careful.",
        "**Label**",
    ]
)


@given(st.lists(PIECES, min_size=1, max_size=12), st.integers(min_value=40, max_value=600))
def test_nothing_is_ever_cut_in_the_middle(pieces: list[str], limit: int) -> None:
    whole = "\n\n".join(pieces)
    text, cut = answer_text(whole, "steps for a note", limit)
    assert cut or text == whole
    assert not cut or len(text) <= limit
    assert len(re.findall(r"^\s*```", text, re.M)) % 2 == 0
    assert text.count("](") == len(re.findall(r"\[[^\]]*\]\([^)\s]*\)", text))
    known = {line.strip() for line in whole.split("\n")}
    assert {line.strip() for line in text.split("\n")} <= known | {""}
    assert "| a | b |" not in text or "| 1 | 2 |" in text
