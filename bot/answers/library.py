"""Questions in, answers with sources out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.answers.answerability import Answerability, Evidence, evidence_for
from bot.answers.articles import articles_in
from bot.answers.extract import WHOLE_SECTION, answer_text
from bot.answers.index import Index, PageKey
from bot.answers.kept_index import kept_index
from bot.answers.links import URL_BASE, page_url, with_absolute_links
from bot.answers.pages import Page, Section
from bot.answers.postings import Floats
from bot.answers.question_words import QuestionWords, load_question_words
from bot.answers.reading import Reader, Reading
from bot.answers.search import Hit, backed_by_english, best_hits, section_scores, with_page
from bot.answers.shelf import Shelf
from bot.answers.signposts import FOLDER as SIGNPOSTS
from bot.answers.signposts import Pointing, Signpost, Signposts, load_signposts, pointed
from bot.answers.thesaurus import Thesaurus, load_thesaurus
from bot.answers.typos import Spelling
from bot.answers.weighing import most_reachable, term_weights
from bot.desk.documents import DocumentAnswer, SectionPlace, Source
from bot.desk.meaning import Language

MOST_SOURCES = 3
ONLY_ENGLISH = 0.9
"""Factor on English pages without a translation, against the best page in the own language."""

_WHOLE_QUESTION = 2
"""Terms besides plans; a question of fewer is about what was asked before."""

_THIN = 200
"""Characters. A section below this gives its subsections along: it is often their heading only."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The sections that fit a question, best first, and how sure the first one is."""

    reading: Reading
    hits: tuple[Hit, ...]
    evidence: Evidence | None
    """What speaks for the first hit; None when there is none."""
    probability: float


class Library:
    """Answers questions from an index. Never changes: `with_index` gives a new one."""

    def __init__(
        self,
        index: Index,
        thesaurus: Thesaurus,
        question_words: QuestionWords,
        *,
        signposts: Mapping[Language, Iterable[Signpost]] | None = None,
        answerability: Answerability | None = None,
        url_base: str = URL_BASE,
    ) -> None:
        compiled = {
            language: Signposts(language, some, question_words)
            for language, some in (signposts or {}).items()
        }
        self._set_up(index, thesaurus, question_words, compiled, answerability, url_base)

    def _set_up(
        self,
        index: Index,
        thesaurus: Thesaurus,
        question_words: QuestionWords,
        signposts: Mapping[Language, Signposts],
        answerability: Answerability | None,
        url_base: str,
    ) -> None:
        self.index = index
        self._signposts = signposts
        self._thesaurus = thesaurus
        self._question_words = question_words
        self._answerability = answerability or Answerability.shipped()
        self._url_base = url_base
        known = thesaurus.latin_words | question_words.latin_words
        for one in signposts.values():
            known |= one.latin_words
        self._reader = Reader(question_words, thesaurus, _spelling(index, known))
        self._pointing = {
            (language, there): Pointing(one, index.shelves[there])
            for language, one in signposts.items()
            for there in dict.fromkeys((language, "en"))
        }

    @classmethod
    def from_folder(
        cls,
        folder: Path,
        *,
        url_base: str = URL_BASE,
        cache: Path | None = None,
        index: Index | None = None,
    ) -> Library:
        """The thesaurus and the question words in `folder`, with an index.

        Without one it is the index of our own articles there, kept in the folder `cache` until an
        article changes. Raises `ContentError` with every mistake in them.
        """
        thesaurus = load_thesaurus(folder / "thesaurus.yml")
        question_words = load_question_words(folder / "question_words.yml")
        if index is None:
            index = kept_index(folder, cache) if cache else Index.build(articles_in(folder))
        signposts = load_signposts(folder / SIGNPOSTS)
        return cls(index, thesaurus, question_words, signposts=signposts, url_base=url_base)

    def with_index(self, index: Index, url_base: str = "") -> Library:
        """The same library over other pages, which may be published elsewhere."""
        other = object.__new__(Library)
        other._set_up(
            index,
            self._thesaurus,
            self._question_words,
            self._signposts,
            self._answerability,
            url_base or self._url_base,
        )
        return other

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
        ranking = self._ranked_in_thread(question, language, subject)
        language, probability = ranking.reading.language, ranking.probability
        band = self._answerability.band(probability)
        if band == "unknown" or not ranking.hits:
            return DocumentAnswer("unknown", probability, language)
        text = self._text(ranking.hits[0], ranking.reading) if band == "answer" else ""
        if band == "answer" and not text:
            band = "suggest"
        sources = self._sources(ranking)
        rests_on = _rests_on(ranking.hits[0]) if band == "answer" else ()
        return DocumentAnswer(band, probability, language, text, sources, rests_on)

    def _ranked_in_thread(
        self, question: str, language: Language | None, subject: str | None
    ) -> Ranking:
        """A whole question is read by itself where that answers it; one that leaves something out
        ("and for Dedicated?") only with what was asked before."""
        alone = self.rank(question, language)
        if not subject:
            return alone
        said = len(alone.reading.asked) - len(alone.reading.plans)
        whole = said >= _WHOLE_QUESTION
        if whole and self._answerability.band(alone.probability) == "answer":
            return alone
        return self.rank(question, language, subject)

    def answer_from(
        self, place: SectionPlace, question: str, language: Language | None = None
    ) -> DocumentAnswer:
        """The answer that one section gives: one that a person chose, or that has changed since.

        `unknown` where the documentation has no such section any more.
        """
        reading = self._reader.read(question, language)
        shelf = self.index.shelves[place.language]
        number = shelf.find(place.path, place.anchor)
        if number is None:
            return DocumentAnswer("unknown", 0.0, reading.language)
        hit = Hit(shelf, number, 1.0, 1.0)
        text, sources = self._text(hit, reading), (self._source(hit, reading),)
        return DocumentAnswer("answer", 1.0, reading.language, text, sources, _rests_on(hit))

    def sources_for(self, question: str, language: Language | None = None) -> tuple[Source, ...]:
        """The best sources whatever the band: for measuring, and for staff who look things up."""
        return self._sources(self.rank(question, language))

    def rank(
        self, question: str, language: Language | None = None, subject: str | None = None
    ) -> Ranking:
        """The sections that fit, before it is decided whether to answer."""
        reading = self._reader.read(question, language, subject)
        if reading.small_talk:
            return Ranking(reading, (), None, 0.0)
        shelf = self.index.shelves[reading.language]
        searched = term_weights(shelf, reading)
        own = section_scores(shelf, searched)
        hits = self._hits(shelf, searched, own, reading)
        if not hits:
            return Ranking(reading, (), None, 0.0)
        best = hits[0]
        if best.shelf is not shelf:
            searched = term_weights(best.shelf, reading)
            own = section_scores(best.shelf, searched)
        evidence = evidence_for(
            reading, searched, hits, float(own[best.section]), self._signposted(best, reading)
        )
        return Ranking(reading, tuple(hits), evidence, self._answerability.probability(evidence))

    def _hits(
        self, shelf: Shelf, searched: dict[str, float], own: Floats, reading: Reading
    ) -> list[Hit]:
        scores = self._pointed(with_page(shelf, own), shelf, reading)
        crossing = self.index.crossings.get(reading.language)
        if crossing is None:
            return best_hits(shelf, scores, reading.core, reading.plans)
        english = self.index.shelves["en"]
        wanted = crossing.bridge.english(shelf, english, searched)
        wanted.update(term_weights(english, reading))
        english_scores = with_page(english, section_scores(english, wanted))
        english_scores = self._pointed(english_scores, english, reading)
        backed = backed_by_english(scores, english_scores, crossing.same)
        hits = best_hits(shelf, backed, reading.core, reading.plans)
        highest, own_highest = _highest(english_scores), _highest(backed)
        if not len(crossing.only_english) or not highest:
            return hits
        alone = best_hits(
            english, english_scores, reading.core, reading.plans, among=crossing.only_english
        )
        scale = (own_highest or highest) / highest * ONLY_ENGLISH
        found = [*hits, *(replace(hit, score=hit.score * scale) for hit in alone)]
        return sorted(found, key=lambda hit: -hit.score)

    def _pointed(self, scores: Floats, shelf: Shelf, reading: Reading) -> Floats:
        """Scores raised where a signpost in the question's language points."""
        pointing = self._pointing.get((reading.language, shelf.language))
        if pointing is None:
            return scores
        reachable = most_reachable(self.index.shelves[reading.language], reading.asked)
        return pointed(scores, pointing, reading.asked, shelf.articles, reachable)

    def _signposted(self, hit: Hit, reading: Reading) -> float:
        pointing = self._pointing.get((reading.language, hit.shelf.language))
        raised = pointing.raises(reading.asked, len(hit.shelf)) if pointing else None
        return 0.0 if raised is None else float(raised[hit.section])

    def _sources(self, ranking: Ranking) -> tuple[Source, ...]:
        return tuple(self._source(hit, ranking.reading) for hit in best_pages(ranking.hits))

    def _text(self, hit: Hit, reading: Reading) -> str:
        text = _whole_text(hit.shelf, hit.section)
        text, _ = answer_text(text, reading.core)
        return with_absolute_links(text, hit.path, hit.shelf.language, self._url_base)

    def _source(self, hit: Hit, reading: Reading) -> Source:
        page, place, language = hit.shelf.page_at(hit.section), hit.place, hit.shelf.language
        if page.article:
            url = hit.shelf.head(int(hit.shelf.page_of[hit.section]))["url"]
        else:
            named = [plan for plan in place.plans if plan in reading.plans]
            plan = next(iter([*named, *place.plans]), None)
            url = page_url(page.path, language, place.anchor, plan=plan, url_base=self._url_base)
        return Source(
            path=page.path,
            anchor=place.anchor,
            title=place.title,
            section=place.heading,
            url=url,
            language=language,
            score=hit.score,
            content_hash=place.content_hash,
        )


def _spelling(index: Index, known: frozenset[str]) -> Spelling:
    pages_with: dict[str, int] = {}
    for shelf in index.shelves.values():
        for word, pages in shelf.words.items():
            pages_with[word] = max(pages, pages_with.get(word, 0))
    return Spelling(pages_with, known)


def best_pages(hits: Sequence[Hit]) -> list[Hit]:
    """The best section of each of the best pages."""
    chosen: dict[tuple[Language, str], Hit] = {}
    for hit in hits:
        chosen.setdefault((hit.shelf.language, hit.path), hit)
        if len(chosen) == MOST_SOURCES:
            break
    return list(chosen.values())


def _whole_text(shelf: Shelf, number: int) -> str:
    """The section's text; a section that is little more than a heading takes its subsections."""
    return "\n\n".join(
        f"**{section.heading}**\n\n{section.markdown}".strip() if later else section.markdown
        for later, section in enumerate(_given_sections(shelf, number))
        if later or section.markdown
    )


def _given_sections(shelf: Shelf, number: int) -> list[Section]:
    given = [shelf.section(number)]
    length = len(given[0].markdown)
    end = int(shelf.firsts[shelf.page_of[number] + 1])
    while length < _THIN and number + 1 < end:
        number += 1
        below = shelf.section(number)
        added = len(below.heading) + len(below.markdown) + 8
        if below.level <= given[0].level or length + added > WHOLE_SECTION:
            break
        given.append(below)
        length += added
    return given


def _rests_on(hit: Hit) -> tuple[tuple[str, str], ...]:
    """What has to stay as it is for the answer to stay right."""
    given = _given_sections(hit.shelf, hit.section)
    return tuple((section.anchor or "", section.content_hash) for section in given)


def _highest(scores: Floats) -> float:
    return float(scores.max()) if len(scores) else 0.0
