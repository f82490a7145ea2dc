"""The same questions over many times the pages, beside the other engines."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from answer_engines import rivals

from bot.answers.index import Index
from bot.answers.library import Library
from bot.answers.pages import Page

_ASKED = 150
_KEPT_WORDS = 0.7
"""Share of a copy's words that stay; the others are drawn from the whole, so that copies differ."""


def print_scaled(
    articles: Library, pages: Sequence[Page], questions: Sequence[dict[str, Any]], times: int
) -> None:
    """Median and 99th percentile of a query, for ours and the others."""
    many = list(_multiplied([page for page in pages if page.language == "en"], times))
    sections = sum(len(page.sections) for page in many)
    asked = [one["q"] for one in questions if one["lang"] == "en"][:_ASKED]
    started = time.perf_counter()
    library = articles.with_index(Index.build(many))
    built = time.perf_counter() - started
    print(f"{times} × the English pages: {sections:,} sections; ours built in {built:.0f} s")
    _print_times("ours", asked, lambda question: library.ask(question, "en"))
    for engine in rivals(many):
        _print_times(engine.name, asked, lambda question, e=engine: e.paths(question, "en"))


def _multiplied(pages: Sequence[Page], times: int) -> Iterator[Page]:
    chance = random.Random(times)
    words = [word for page in pages for one in page.sections for word in one.plain.split()]
    for number in range(times):
        for page in pages:
            if number == 0:
                yield page
                continue
            sections = tuple(
                replace(one, plain=_stirred(one.plain, words, chance)) for one in page.sections
            )
            yield replace(page, path=f"copy{number}/{page.path}", sections=sections)


def _stirred(text: str, words: Sequence[str], chance: random.Random) -> str:
    return " ".join(
        word if chance.random() < _KEPT_WORDS else chance.choice(words) for word in text.split()
    )


def _print_times(name: str, asked: Sequence[str], ask: Callable[[str], object]) -> None:
    for question in asked:
        ask(question)  # what is read for the first time is read from the disk
    took = []
    for question in asked:
        started = time.perf_counter()
        ask(question)
        took.append((time.perf_counter() - started) * 1e3)
    median, high = np.percentile(took, [50, 99])
    print(f"  {name:14} p50 {median:.2f} ms, p99 {high:.2f} ms")
