"""The report as people get it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot.content.charts import picture
from bot.content.folder import Content
from bot.content.report_page import ReportPages
from bot.desk.meaning import LANGUAGES, Language
from tests.content.samples import Samples


@pytest.fixture(scope="module")
def pages(content: Content) -> ReportPages:
    return ReportPages(content.folder / "templates", content.words)


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


def test_the_picture_is_a_picture(content: Content) -> None:
    figures = Samples(content, "ja", long=False).figures
    drawn = picture(figures, lambda key, **_: str(content.words.say("ja", key)), "png")
    assert drawn.startswith(b"\x89PNG")


def test_a_name_is_no_formula_and_no_markup(pages: ReportPages, content: Content) -> None:
    figures = replace(
        Samples(content, "en", long=False).figures, by_account=((r"$\frac{1}{ & </svg>", 3),)
    )
    page = pages.html(figures, "en")
    assert "&lt;/svg&gt;" in page
