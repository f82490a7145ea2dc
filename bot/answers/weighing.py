"""How much each term of a question counts on a shelf."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bot.answers.postings import SATURATION
from bot.answers.reading import Meant, Reading
from bot.answers.shelf import Shelf

MEANT_WEIGHT = 1.5
"""Of a thesaurus entry, shared among its terms by the square root of their number."""
MEANT_LIMIT = 1.2
"""An entry counts at most this much more, by idf, than the words it stands for: else an everyday
word that brings a rare phrase would drown the rare word beside it."""
LEAST_SAID = 4.0
"""Said words count at least this much, or the entry of a common word would have no say."""
_UNHELD = 6.0
"""What a said word counts that no page holds; that is why the thesaurus has it."""


def term_weights(shelf: Shelf, reading: Reading) -> dict[str, float]:
    """Terms to search on the shelf and their weights, idf not yet in."""
    weights = dict(reading.asked_in(shelf.language))
    for one in reading.meant:
        terms = one.terms if shelf.language == reading.language else one.english
        new = [term for term in dict.fromkeys(terms) if term not in weights]
        if new:
            weights.update(dict.fromkeys(new, _shared(shelf, one, new)))
    return weights


def idf_of(shelf: Shelf, term: str) -> float:
    """Of a term; one that no page holds is as telling as the rarest."""
    number = shelf.vocabulary.number(term)
    if number is None:
        return math.log1p((len(shelf) + 0.5) / 0.5)
    return float(shelf.postings.idf[number])


def most_reachable(shelf: Shelf, terms: Mapping[str, float]) -> float:
    """The BM25F score of a section that says every term as often as can count."""
    return sum(weight * idf_of(shelf, term) for term, weight in terms.items()) * (SATURATION + 1)


def _shared(shelf: Shelf, meant: Meant, new: list[str]) -> float:
    weight = MEANT_WEIGHT * meant.weight / math.sqrt(len(new))
    said = sum(_known_idf(shelf, term, _UNHELD) for term in meant.said)
    limit = MEANT_LIMIT * meant.weight * max(said, LEAST_SAID)
    total = weight * sum(_known_idf(shelf, term, 0.0) for term in new)
    return weight * min(1.0, limit / total) if total else weight


def _known_idf(shelf: Shelf, term: str, otherwise: float) -> float:
    number = shelf.vocabulary.number(term)
    return otherwise if number is None else float(shelf.postings.idf[number])
