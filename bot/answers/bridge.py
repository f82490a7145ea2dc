"""A term table from Japanese or Chinese to English, mined from pages that exist in both.

Translations keep the order of sections, so a section and its counterpart say the same. Terms that
occur together in such pairs far more often than chance would have it translate each other. The
table finds English pages that have no translation, and backs up the search in the own language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.answers.counts import FIELDS
from bot.answers.postings import Floats, Ints
from bot.answers.shelf import Shelf

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TRANSLATIONS = 3
"""English terms kept for a term."""
_FEWEST = 3
_LIKELY_ENOUGH = 0.3
_COMMON = 0.05
"""Terms in more than this share of the sections are too common to tell anything."""
_MINED_FIELDS = tuple(FIELDS.index(name) for name in ("title", "heading", "labels"))


@dataclass(frozen=True, slots=True)
class Bridge:
    """Row t: English terms for term t, -1 where there is none, and how sure each is (0..1)."""

    terms: Ints
    sureness: Floats

    def english(
        self, shelf: Shelf, english: Shelf, wanted: Mapping[str, float]
    ) -> dict[str, float]:
        """English terms for the wanted ones, each with the weight it inherits."""
        found: dict[str, float] = {}
        for term, weight in wanted.items():
            number = shelf.vocabulary.number(term)
            if number is None or number >= len(self.terms):
                continue
            for other, sure in zip(self.terms[number], self.sureness[number], strict=True):
                if other >= 0:
                    name = english.term_names[other]
                    found[name] = max(found.get(name, 0.0), weight * float(sure))
        return found


def counterparts(shelf: Shelf, english: Shelf) -> Ints:
    """For each section the English one that says the same, -1 where there is none.

    The same path and the same anchor, else the same position if both pages have as many sections.
    """
    same = np.full(len(shelf), -1, dtype=np.int32)
    for number, page in enumerate(shelf.pages):
        other = english.page_numbers.get(page.path)
        if other is None:
            continue
        first, end = int(shelf.firsts[number]), int(shelf.firsts[number + 1])
        start, stop = int(english.firsts[other]), int(english.firsts[other + 1])
        if end - first == stop - start:
            same[first:end] = np.arange(start, stop)
            continue
        by_anchor = {
            english.places[section].rpartition("\t")[2]: section for section in range(start, stop)
        }
        for section in range(first, end):
            anchor = shelf.places[section].rpartition("\t")[2]
            same[section] = by_anchor.get(anchor, -1)
    return same


def mined(shelf: Shelf, english: Shelf) -> Bridge:
    """The table, by the cosine of the occurrences of two terms over the paired sections."""
    same = counterparts(shelf, english)
    pairs: Ints = np.flatnonzero(same >= 0).astype(np.int32)
    terms = np.full((len(shelf.vocabulary), TRANSLATIONS), -1, dtype=np.int32)
    sureness = np.zeros((len(shelf.vocabulary), TRANSLATIONS), dtype=np.float32)
    if len(pairs):
        ours = _occurrences(shelf, pairs)
        theirs = _occurrences(english, same[pairs])
        together = (ours.T @ theirs).tocsr()
        norm = np.sqrt(np.maximum(_totals(ours), 1))
        other_norm = np.sqrt(np.maximum(_totals(theirs), 1))
        together.data = together.data / other_norm[together.indices]
        for term in np.flatnonzero(np.diff(together.indptr)):
            row = slice(together.indptr[term], together.indptr[term + 1])
            cosine = together.data[row] / norm[term]
            best = np.argsort(-cosine, kind="stable")[:TRANSLATIONS]
            best = best[cosine[best] >= _LIKELY_ENOUGH]
            terms[term, : len(best)] = together.indices[row][best]
            sureness[term, : len(best)] = cosine[best]
    return Bridge(terms, sureness)


def _occurrences(shelf: Shelf, sections: Ints) -> csr_matrix:
    """Sections by terms, 1 where the title or heading holds the term; common and rare ones out."""
    from scipy.sparse import csr_matrix  # slow to load; only building an index needs it

    rows, terms = [], []
    for number, page in enumerate(shelf.pages):
        telling = np.isin(page.counts.fields, _MINED_FIELDS)
        rows.append(page.counts.sections[telling].astype(np.int32) + shelf.firsts[number])
        terms.append(page.counts.terms[telling])
    row, term = np.concatenate(rows), np.concatenate(terms)
    matrix = csr_matrix(
        (np.ones(len(row), np.float32), (row, term)), shape=(len(shelf), len(shelf.vocabulary))
    )
    matrix.sum_duplicates()
    matrix.data[:] = 1
    chosen = matrix[sections]
    totals = _totals(chosen)
    telling_terms = (totals >= _FEWEST) & (totals <= max(_COMMON * len(sections), _FEWEST))
    chosen = chosen.multiply(telling_terms.astype(np.float32)).tocsr()
    chosen.eliminate_zeros()
    return chosen


def _totals(matrix: csr_matrix) -> Floats:
    return np.asarray(matrix.sum(axis=0), dtype=np.float32).ravel()
