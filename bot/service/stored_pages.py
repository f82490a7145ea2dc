"""Pages as `bot.answers` parses them ↔ pages as `bot.storage` keeps them."""

from __future__ import annotations

from typing import Any

from bot.answers.index import PageKey
from bot.answers.pages import Page, Section
from bot.answers.plain_text import plain_text
from bot.desk.meaning import language_of
from bot.storage.knowledge import Entry, StoredPage, StoredSection
from bot.storage.unit_of_work import UnitOfWork


def entries_of(uow: UnitOfWork, version: int) -> dict[PageKey, Entry]:
    """The list of a version's pages."""
    listed = uow.knowledge.entries(version)
    return {(language_of(language), path): entry for (language, path), entry in listed.items()}


def stored(page: Page) -> StoredPage:
    head = {
        "title": page.title,
        "summary": page.summary,
        "top_anchor": page.top_anchor,
        "url": page.url,
        "also_titled": page.also_titled,
        "tags": page.tags,
    }
    sections = tuple(_stored_section(section) for section in page.sections)
    return StoredPage(page.language, page.path, page.content_hash, head, sections)


def page_of(kept: StoredPage) -> Page:
    head: dict[str, Any] = dict(kept.head)
    return Page(
        path=kept.path,
        language=language_of(kept.language),
        sections=tuple(_section(section) for section in kept.sections),
        content_hash=kept.content_hash,
        **head,
    )


def _stored_section(section: Section) -> StoredSection:
    about = {
        "anchor": section.anchor,
        "heading": section.heading,
        "heading_path": section.heading_path,
        "level": section.level,
        "plans": section.plans,
        "tabs": section.tabs,
    }
    return StoredSection(section.content_hash, about, section.markdown)


def _section(kept: StoredSection) -> Section:
    about = dict(kept.about)
    return Section(
        anchor=about["anchor"],
        heading=about["heading"],
        heading_path=tuple(about["heading_path"]),
        level=about["level"],
        markdown=kept.markdown,
        plain=plain_text(kept.markdown),
        plans=tuple(about["plans"]),
        tabs=tuple(about["tabs"]),
        content_hash=kept.content_hash,
    )
