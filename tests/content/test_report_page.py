"""The report as people get it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.content import charts
from bot.content.blocks import unescape
from bot.content.folder import Content
from bot.content.report_page import ReportPages
from bot.desk.figures import figures_of
from bot.desk.meaning import LANGUAGES, Language
from tests.content.samples import NOON, Samples


@pytest.fixture(scope="module")
def pages(content: Content) -> ReportPages:
    return ReportPages(content.folder / "templates", content.words, content.plans)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_the_figures_and_fetches_nothing(
    pages: ReportPages, content: Content, language: Language
) -> None:
    page = pages.html(Samples(content, language, long=False).figures, language)
    assert "Leo Strand" in page
    assert "<svg" in page
    fetched = re.findall(r"""(?:src|href)=["'](?!#)([^"']+)""", page)
    assert fetched == []


def test_what_people_write_stays_text(pages: ReportPages, content: Content) -> None:
    page = pages.html(Samples(content, "en", long=True).figures, "en")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_say_the_same(pages: ReportPages, content: Content, language: Language) -> None:
    text = pages.text(Samples(content, language, long=False).figures, language)
    assert "Leo Strand" in text
    assert "2026-11-18" in text
    assert "&amp;" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_is_a_picture_and_always_the_same(
    pages: ReportPages, content: Content, language: Language
) -> None:
    figures = Samples(content, language, long=True).figures
    drawn = pages.picture(figures, language)
    assert drawn.content.startswith(b"\x89PNG")
    assert pages.picture(figures, language) == drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_without_figures_says_so(
    pages: ReportPages, content: Content, language: Language
) -> None:
    nothing = figures_of([], {}, [], {}, NOON, NOON + timedelta(days=7), "UTC")
    sentence = unescape(str(content.words.say(language, "report.nothing")))
    assert pages.html(nothing, language).count(sentence) == 5
    some = Samples(content, language, long=False).figures
    assert sentence not in pages.html(some, language)


def test_what_no_font_draws_is_left_out_and_told(
    pages: ReportPages, content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = replace(Samples(content, "en", long=False).figures, by_account=(("株式会社 K", 1),))
    latin = frozenset(range(32, 0x250)) | {0x2026}
    monkeypatch.setattr(charts, "_letters", lambda _fonts: latin)
    assert not pages.picture(figures, "en").complete
    assert not pages.picture(figures, "ja").complete
    assert pages.picture(replace(figures, by_account=(("Böse 🏦", 1),)), "en").complete


def test_a_name_is_no_formula_and_no_markup(pages: ReportPages, content: Content) -> None:
    figures = replace(
        Samples(content, "en", long=False).figures, by_account=((r"$\frac{1}{ & </svg>", 3),)
    )
    page = pages.html(figures, "en")
    assert "&lt;/svg&gt;" in page
