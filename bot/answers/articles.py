"""The articles we write ourselves, in `en`, `ja` and `zh` of the knowledge folder."""

from __future__ import annotations

from pathlib import Path

from bot.answers.front_matter import PageProblem
from bot.answers.pages import Page, parse_page
from bot.answers.tree import TreeProblem, walk_tree
from bot.content.problems import ContentError, Problem
from bot.desk.meaning import LANGUAGES

ARTICLE_FOLDER = "knowledge/"
"""Start of the path of every article, so that it never meets a documentation page's."""


def articles_in(folder: Path) -> list[Page]:
    """Our own articles in `en`, `ja` and `zh` below `folder`. Raises `ContentError`."""
    pages: list[Page] = []
    problems: list[Problem] = []
    for language in LANGUAGES:
        if not (folder / language).is_dir():
            continue
        for item in walk_tree(folder / language, language):
            if isinstance(item, TreeProblem):
                problems.append(Problem(folder / language / item.path, "", item.words))
                continue
            try:
                path = ARTICLE_FOLDER + item.path
                pages.append(parse_page(path, item.text, language, article=True))
            except PageProblem as problem:
                problems.append(Problem(folder / language / item.path, "", problem.words))
    if problems:
        raise ContentError(problems)
    return pages
