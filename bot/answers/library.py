"""Questions in, answers with sources out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.answers.answerability import Answerability, evidence_for
from bot.answers.extract import WHOLE_SECTION, answer_text
from bot.answers.front_matter import PageProblem
from bot.answers.index import Index, PageKey
from bot.answers.links import URL_BASE, page_url, with_absolute_links
from bot.answers.pages import Page, parse_page
from bot.answers.postings import Floats
from bot.answers.question_words import QuestionWords, load_question_words
from bot.answers.reading import Reader, Reading
from bot.answers.search import Hit, backed_by_english, best_hits, section_scores, with_page
from bot.answers.shelf import Shelf
from bot.answers.thesaurus import Thesaurus, load_thesaurus
from bot.answers.tree import TreeProblem, walk_tree
from bot.answers.typos import Spelling
from bot.content.problems import ContentError, Problem
from bot.desk.documents import DocumentAnswer, Source
from bot.desk.meaning import LANGUAGES, Language

MOST_SOURCES = 3
ARTICLE_FOLDER = "knowledge/"
"""Start of the path of every article of our own, so that it never meets a documentation page's."""

ONLY_ENGLISH = 0.9
"""Factor on English pages without a translation, against the best page in the own language."""

_THIN = 200
"""Characters. A section below this gives its subsections along: it is often their heading only."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The sections that fit a question, best first, and how sure the first one is."""

    reading: Reading
    hits: tuple[Hit, ...]
    probability: float


class Library:
    """Answers questions from an index. Never changes: `with_index` gives a new one."""

    def __init__(
        self,
        index: Index,
        thesaurus: Thesaurus,
        question_words: QuestionWords,
        *,
        answerability: Answerability | None = None,
        url_base: str = URL_BASE,
    ) -> None:
        self.index = index
        self._thesaurus = thesaurus
        self._question_words = question_words
        self._answerability = answerability or Answerability.shipped()
        self._url_base = url_base
        self._reader = Reader(
            question_words, thesaurus, _spelling(index, thesaurus, question_words)
        )

    @classmethod
    def from_folder(cls, folder: Path, *, url_base: str = URL_BASE) -> Library:
        """The library of our own articles, the thesaurus and the question words in `folder`.

        Raises `ContentError` with every mistake in them.
        """
        thesaurus = load_thesaurus(folder / "thesaurus.yml")
        question_words = load_question_words(folder / "question_words.yml")
        index = Index.build(articles_in(folder))
        return cls(index, thesaurus, question_words, url_base=url_base)

    def with_index(self, index: Index) -> Library:
        """The same library over other pages."""
        return Library(
            index,
            self._thesaurus,
            self._question_words,
            answerability=self._answerability,
            url_base=self._url_base,
        )

    def with_pages(self, changed: Iterable[Page], removed: Collection[PageKey] = ()) -> Library:
        """The same library with changed and new pages in and removed ones out."""
        return self.with_index(self.index.replaced(changed, removed))

    def ask(
        self, question: str, language: Language | None = None, subject: str | None = None
    ) -> DocumentAnswer:
        """The answer to one question.

        `language` is the channel's or the person's; it decides only what the script leaves open.
        `subject` is the earlier question that this one follows up on ("and for Dedicated?").
        """
        ranking = self.rank(question, language, subject)
        language, probability = ranking.reading.language, ranking.probability
        band = self._answerability.band(probability)
        if band == "unknown" or not ranking.hits:
            return DocumentAnswer("unknown", probability, language)
        chosen = _sources(ranking.hits)
        text = self._text(chosen[0], ranking.reading) if band == "answer" else ""
        if band == "answer" and not text:
            band = "suggest"
        sources = tuple(self._source(hit, ranking.reading) for hit in chosen)
        return DocumentAnswer(band, probability, language, text, sources)

    def rank(
        self, question: str, language: Language | None = None, subject: str | None = None
    ) -> Ranking:
        """The sections that fit, before it is decided whether to answer."""
        reading = self._reader.read(question, language, subject)
        if reading.small_talk:
            return Ranking(reading, (), 0.0)
        shelf = self.index.shelves[reading.language]
        own = section_scores(shelf, reading.terms)
        hits = self._hits(shelf, own, reading)
        if not hits:
            return Ranking(reading, (), 0.0)
        best = hits[0]
        terms = reading.terms if best.shelf is shelf else reading.english
        alone = own if best.shelf is shelf else section_scores(best.shelf, terms)
        evidence = evidence_for(reading, hits, float(alone[best.section]))
        return Ranking(reading, tuple(hits), self._answerability.probability(evidence))

    def _hits(self, shelf: Shelf, own: Floats, reading: Reading) -> list[Hit]:
        scores = with_page(shelf, own)
        crossing = self.index.crossings.get(reading.language)
        if crossing is None:
            return best_hits(shelf, scores, reading.core, reading.plans)
        english = self.index.shelves["en"]
        wanted = {**crossing.bridge.english(shelf, english, reading.terms), **reading.english}
        english_scores = with_page(english, section_scores(english, wanted))
        backed = backed_by_english(scores, english_scores, crossing.same)
        hits = best_hits(shelf, backed, reading.core, reading.plans)
        highest, own_highest = _highest(english_scores), _highest(backed)
        if not len(crossing.only_english) or not highest:
            return hits
        alone = best_hits(
            english, english_scores, reading.core, reading.plans, among=crossing.only_english
        )
        scale = (own_highest or highest) / highest * ONLY_ENGLISH
        return sorted(
            [*hits, *(replace(hit, score=hit.score * scale) for hit in alone)],
            key=lambda hit: -hit.score,
        )

    def _text(self, hit: Hit, reading: Reading) -> str:
        text = _whole_text(hit.shelf, hit.section)
        text, _ = answer_text(text, reading.core)
        return with_absolute_links(text, hit.path, hit.shelf.language, self._url_base)

    def _source(self, hit: Hit, reading: Reading) -> Source:
        page, section = hit.shelf.page_at(hit.section), hit.shelf.section(hit.section)
        url = hit.shelf.head(int(hit.shelf.page_of[hit.section]))["url"]
        if not page.article:
            plan = next((one for one in section.plans if one in reading.plans), None)
            plan = plan or (section.plans[0] if section.plans else None)
            url = page_url(
                page.path,
                hit.shelf.language,
                section.anchor,
                plan=plan,
                url_base=self._url_base,
            )
        return Source(
            path=page.path,
            anchor=section.anchor,
            title=hit.place.title,
            section=section.heading,
            url=url,
            language=hit.shelf.language,
            score=hit.score,
            content_hash=section.content_hash,
        )


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


def _spelling(index: Index, thesaurus: Thesaurus, question_words: QuestionWords) -> Spelling:
    pages_with: dict[str, int] = {}
    for shelf in index.shelves.values():
        for word, pages in shelf.words.items():
            pages_with[word] = max(pages, pages_with.get(word, 0))
    return Spelling(pages_with, thesaurus.latin_words | question_words.latin_words)


def _sources(hits: Sequence[Hit]) -> list[Hit]:
    """The best section of each of the best pages."""
    chosen: dict[tuple[Language, str], Hit] = {}
    for hit in hits:
        chosen.setdefault((hit.shelf.language, hit.path), hit)
        if len(chosen) == MOST_SOURCES:
            break
    return list(chosen.values())


def _whole_text(shelf: Shelf, number: int) -> str:
    """The section's text; a section that is little more than a heading takes its subsections."""
    section = shelf.section(number)
    text = section.markdown
    end = int(shelf.firsts[shelf.page_of[number] + 1])
    while len(text) < _THIN and number + 1 < end:
        number += 1
        below = shelf.section(number)
        if below.level <= section.level:
            break
        part = f"**{below.heading}**\n\n{below.markdown}".strip()
        if len(text) + len(part) > WHOLE_SECTION:
            break
        text = f"{text}\n\n{part}".strip()
    return text


def _highest(scores: Floats) -> float:
    return float(scores.max()) if len(scores) else 0.0
