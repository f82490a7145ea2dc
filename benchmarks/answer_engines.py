"""Other search engines behind one face, to stand beside our own on the same sections."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Protocol

from bot.answers.pages import Page
from bot.answers.words import terms_of
from bot.desk.meaning import Language

FOUND = 20


class Engine(Protocol):
    name: str

    def paths(self, question: str, language: Language) -> list[str]:
        """Paths of the best sections' pages, best first, repeats included."""


def rivals(pages: Sequence[Page]) -> Iterator[Engine]:
    """SQLite FTS5, and bm25s and tantivy where they are installed."""
    yield Fts5(pages)
    if find_spec("bm25s"):
        yield Bm25s(pages)
    if find_spec("tantivy"):
        yield Tantivy(pages)


def _documents(pages: Sequence[Page], language: Language) -> list[tuple[str, str]]:
    """Path and text of each section, as search terms so that all engines see the same words."""
    return [
        (page.path, " ".join(terms_of(f"{page.title}\n{one.heading}\n{one.plain}", language)))
        for page in pages
        if page.language == language
        for one in page.sections
    ]


class Fts5:
    """SQLite's full-text table, bm25() order."""

    name = "SQLite FTS5"

    def __init__(self, pages: Sequence[Page]) -> None:
        self._db = sqlite3.connect(":memory:")
        for language in ("en", "ja", "zh"):
            self._db.execute(f"create virtual table {language} using fts5(path unindexed, body)")
            rows = _documents(pages, language)
            self._db.executemany(f"insert into {language} values (?, ?)", rows)

    def paths(self, question: str, language: Language) -> list[str]:
        words = [re.sub(r"\W", "", term) for term in terms_of(question, language)]
        query = " OR ".join(f'"{word}"' for word in words if word)
        if not query:
            return []
        sql = f"select path from {language} where {language} match ? order by rank limit {FOUND}"
        return [path for (path,) in self._db.execute(sql, (query,))]


class Bm25s:
    """The bm25s package: BM25 over scipy-like sparse scores."""

    name = "bm25s"

    def __init__(self, pages: Sequence[Page]) -> None:
        import bm25s

        self._paths: dict[str, list[str]] = {}
        self._indexes = {}
        for language in ("en", "ja", "zh"):
            rows = _documents(pages, language)
            if not rows:
                continue
            self._paths[language] = [path for path, _ in rows]
            index = bm25s.BM25()
            index.index([text.split() for _, text in rows], show_progress=False)
            self._indexes[language] = index

    def paths(self, question: str, language: Language) -> list[str]:
        terms = terms_of(question, language)
        if not terms:
            return []
        found, _ = self._indexes[language].retrieve([terms], k=FOUND, show_progress=False)
        return [self._paths[language][int(number)] for number in found[0]]


class Tantivy:
    """The tantivy package: Lucene-like search in Rust."""

    name = "tantivy"

    def __init__(self, pages: Sequence[Page]) -> None:
        import tantivy

        self._indexes = {}
        for language in ("en", "ja", "zh"):
            builder = tantivy.SchemaBuilder()
            builder.add_text_field("path", stored=True, tokenizer_name="raw")
            builder.add_text_field("body", tokenizer_name="whitespace")
            index = tantivy.Index(builder.build())
            writer = index.writer(heap_size=50_000_000, num_threads=1)
            for path, text in _documents(pages, language):
                writer.add_document(tantivy.Document(path=path, body=text))
            writer.commit()
            index.reload()
            self._indexes[language] = index

    def paths(self, question: str, language: Language) -> list[str]:
        import tantivy

        index = self._indexes[language]
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "body", term))
            for term in terms_of(question, language)
        ]
        searcher = index.searcher()
        hits = searcher.search(tantivy.Query.boolean_query(terms), FOUND).hits if terms else []
        return [searcher.doc(address)["path"][0] for _, address in hits]
