"""The index as bytes, and back. Opening copies no postings and decodes no page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from mmap import mmap

import numpy as np

from bot.answers.bridge import Bridge
from bot.answers.counts import PageCounts, Vocabulary
from bot.answers.packing import Array, UnreadableIndex, joined, packed, unpacked
from bot.answers.postings import Postings
from bot.answers.shelf import Shelf, ShelvedPage
from bot.desk.meaning import LANGUAGES, Language

_COUNTS = ("sections", "fields", "terms", "repeats", "lengths")


def written_index(shelves: Mapping[Language, Shelf], bridges: Mapping[Language, Bridge]) -> bytes:
    """Shelves and term tables in one block."""
    parts: dict[str, Array | bytes] = {}
    for language, shelf in shelves.items():
        own = _shelf_parts(shelf)
        if language in bridges:
            own["bridge_terms"] = bridges[language].terms
            own["bridge_sureness"] = bridges[language].sureness
        parts.update({f"{language}/{name}": part for name, part in own.items()})
    return packed(parts)


def read_index(block: bytes | mmap) -> tuple[dict[Language, Shelf], dict[Language, Bridge]]:
    """Raises `UnreadableIndex`."""
    parts = unpacked(block)
    shelves: dict[Language, Shelf] = {}
    bridges: dict[Language, Bridge] = {}
    try:
        for language in LANGUAGES:
            prefix = f"{language}/"
            own = _Parts({n[3:]: part for n, part in parts.items() if n.startswith(prefix)})
            shelves[language] = _shelf(language, own)
            if "bridge_terms" in own.parts:
                bridges[language] = Bridge(own.array("bridge_terms"), own.array("bridge_sureness"))
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise UnreadableIndex("the index is damaged: build it anew") from error
    return shelves, bridges


class _Parts:
    """Typed access to the parts of one shelf."""

    def __init__(self, parts: Mapping[str, Array | memoryview]) -> None:
        self.parts = parts

    def array(self, name: str) -> Array:
        part = self.parts[name]
        if isinstance(part, memoryview):
            raise TypeError(f"{name} is text, not numbers")
        return part

    def view(self, name: str) -> memoryview:
        part = self.parts[name]
        if not isinstance(part, memoryview):
            raise TypeError(f"{name} is numbers, not text")
        return part

    def lines(self, name: str) -> list[str]:
        text = str(self.view(name), "utf-8")
        return text.split("\n") if text else []


def _shelf_parts(shelf: Shelf) -> dict[str, Array | bytes]:
    sections = [bytes(text) for page in shelf.pages for text in page.sections]
    section_text, section_starts = joined(sections)
    head_text, head_starts = joined([bytes(page.head) for page in shelf.pages])
    link_text, link_starts = joined([bytes(page.links) for page in shelf.pages])
    listed = [[page.path, page.content_hash, page.article] for page in shelf.pages]
    count_starts = np.cumsum([0, *(len(page.counts.terms) for page in shelf.pages)])
    parts: dict[str, Array | bytes] = {
        "pages": json.dumps(listed, ensure_ascii=False).encode(),
        "firsts": shelf.firsts,
        "places": "\n".join(shelf.places).encode(),
        "terms": "\n".join(shelf.vocabulary).encode(),
        "words": "\n".join(shelf.words).encode(),
        "word_pages": np.array(list(shelf.words.values()), dtype=np.int32),
        "section_text": section_text,
        "section_starts": section_starts,
        "head_text": head_text,
        "head_starts": head_starts,
        "link_text": link_text,
        "link_starts": link_starts,
        "count_starts": count_starts.astype(np.int64),
        "posting_starts": shelf.postings.starts,
        "posting_sections": shelf.postings.sections,
        "posting_worth": shelf.postings.worth,
        "idf": shelf.postings.idf,
    }
    for name in _COUNTS:
        arrays = [getattr(page.counts, name) for page in shelf.pages]
        parts[f"count_{name}"] = np.concatenate(arrays) if arrays else np.zeros(0, np.int32)
    return parts


def _shelf(language: Language, own: _Parts) -> Shelf:
    firsts = own.array("firsts").tolist()
    texts = _slices(own.view("section_text"), own.array("section_starts"))
    links = _slices(own.view("link_text"), own.array("link_starts"))
    heads = _slices(own.view("head_text"), own.array("head_starts"))
    counted = {name: own.array(f"count_{name}") for name in _COUNTS}
    bounds = own.array("count_starts").tolist()
    pages = []
    for number, (path, content_hash, article) in enumerate(json.loads(bytes(own.view("pages")))):
        part = slice(bounds[number], bounds[number + 1])
        inside = slice(firsts[number], firsts[number + 1])
        counts = PageCounts(
            sections=counted["sections"][part],
            fields=counted["fields"][part],
            terms=counted["terms"][part],
            repeats=counted["repeats"][part],
            lengths=counted["lengths"][inside],
        )
        pages.append(
            ShelvedPage(
                path,
                content_hash,
                article,
                heads[number],
                links[number],
                tuple(texts[inside]),
                counts,
            )
        )
    postings = Postings(
        starts=own.array("posting_starts"),
        sections=own.array("posting_sections"),
        worth=own.array("posting_worth"),
        idf=own.array("idf"),
        section_count=firsts[-1],
    )
    words = dict(zip(own.lines("words"), own.array("word_pages").tolist(), strict=True))
    vocabulary = Vocabulary(own.lines("terms"))
    return Shelf(language, pages, own.lines("places"), vocabulary, words, postings)


def _slices(view: memoryview, starts: Array) -> list[memoryview]:
    bounds = starts.tolist()
    return [view[start:end] for start, end in pairwise(bounds)]
