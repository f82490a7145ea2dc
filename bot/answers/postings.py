"""BM25F: for each term the sections that hold it and how much each occurrence is worth.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009): the
frequencies of a term in the fields are weighted and normalised by field length first, and only
then saturated together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.answers.counts import FIELDS, PageCounts

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

FIELD_WEIGHTS = {
    "title": 2.0,
    "heading": 5.0,
    "trail": 0.5,
    "summary": 2.0,
    "labels": 2.0,
    "body": 1.0,
}
LENGTH_NORMALISATION = {
    "title": 0.3,
    "heading": 0.2,
    "trail": 0.3,
    "summary": 0.3,
    "labels": 0.3,
    "body": 0.7,
}
LINK_WEIGHT = 4.0
"""Of the logarithm of how many links call a section so: what others call a page is what people
call it, but the hundredth link says nothing the tenth did not."""
SATURATION = 3.0


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """Parallel arrays: a term, the section that links name with it, and the number of links."""

    terms: Ints
    sections: Ints
    links: Ints


@dataclass(frozen=True, slots=True)
class Postings:
    """Rows by term: `sections[starts[t]:starts[t + 1]]` and the `worth` of the term there."""

    starts: npt.NDArray[np.int64]
    sections: Ints
    worth: Floats
    """Saturated frequency without idf, in 0..SATURATION + 1."""
    idf: Floats
    section_count: int

    def row(self, term: int) -> tuple[Ints, Floats]:
        start, end = self.starts[term], self.starts[term + 1]
        return self.sections[start:end], self.worth[start:end]


def assemble(pages: Sequence[PageCounts], links: LinkCounts, vocabulary_size: int) -> Postings:
    """Postings of all pages, their sections numbered through in the order given."""
    # Only building an index needs it, and it takes a quarter of a second to load.
    from scipy.sparse import coo_matrix

    section_count = sum(len(page.lengths) for page in pages)
    if not section_count:
        no_floats = np.zeros(0, np.float32)
        starts = np.zeros(vocabulary_size + 1, np.int64)
        idf = np.zeros(vocabulary_size, np.float32)
        return Postings(starts, np.zeros(0, np.int32), no_floats, idf, 0)
    firsts = np.cumsum([0, *(len(page.lengths) for page in pages)])
    sections = np.concatenate(
        [page.sections.astype(np.int32) + first for page, first in zip(pages, firsts, strict=False)]
    )
    fields = np.concatenate([page.fields for page in pages])
    terms = np.concatenate([page.terms for page in pages])
    repeats = np.concatenate([page.repeats for page in pages])
    field_worth = _field_worth(np.concatenate([page.lengths for page in pages]))
    weighted = np.concatenate(
        [repeats * field_worth[sections, fields], LINK_WEIGHT * np.log1p(links.links)]
    )
    places = (np.concatenate([terms, links.terms]), np.concatenate([sections, links.sections]))
    matrix = coo_matrix(
        (weighted.astype(np.float32), places), shape=(vocabulary_size, section_count)
    ).tocsr()  # adds up the fields of a section
    worth = matrix.data * np.float32(SATURATION + 1) / (matrix.data + np.float32(SATURATION))
    holding = np.diff(matrix.indptr)
    idf = np.log1p((section_count - holding + 0.5) / (holding + 0.5))
    return Postings(
        starts=matrix.indptr.astype(np.int64),
        sections=matrix.indices.astype(np.int32),
        worth=worth.astype(np.float32),
        idf=idf.astype(np.float32),
        section_count=section_count,
    )


def _field_worth(lengths: npt.NDArray[np.int32]) -> Floats:
    """Worth of one occurrence in each field of each section: weight ÷ length normalisation."""
    average = np.maximum(lengths.mean(axis=0), 1e-9)
    weight = np.array([FIELD_WEIGHTS[name] for name in FIELDS])
    share = np.array([LENGTH_NORMALISATION[name] for name in FIELDS])
    worth: Floats = (weight / (1 - share + share * lengths / average)).astype(np.float32)
    return worth
