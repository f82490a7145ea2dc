"""Text as search terms: stems for English, character pairs for Japanese and Chinese.

Documents and questions pass through the same functions, so a term either meets or does not.
Latin words inside Japanese and Chinese text are handled as English ones: product names and SQL
stay Latin in all three languages.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from threading import local

import Stemmer

from bot.desk.meaning import Language

_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff々]")

_PIECE = re.compile(
    r"(?P<latin>[a-z][a-z0-9]*(?:_[a-z0-9]+)+|v?\d+(?:\.\d+)+|[a-z0-9]+(?:'[a-z]+)?)"
    r"|(?P<cjk>[\u3041-\u3096\u30a1-\u30ff\u3400-\u9fff\uf900-\ufaff々]+)"
)
_LATIN_PIECE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+|v?\d+(?:\.\d+)+|[a-z0-9]+(?:'[a-z]+)?")

_LONGEST_WORD = 64
"""Longer runs are keys and hashes nobody asks for; they would only swell the vocabulary."""

_stemmers = local()


def language_of(text: str, hint: Language | None = None) -> Language:
    """The language by script: kana is Japanese; Chinese characters alone follow the hint."""
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "ja" if hint == "ja" else "zh"
    return "en"


def folded(text: str) -> str:
    """One form for full-width, half-width, upper and lower case."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("’", "'")
    return text.lower()


def terms_of(text: str, language: Language) -> list[str]:
    """All terms of a text in order, repeats included."""
    text = folded(text)
    if language == "en" or text.isascii():
        return [term for word in _LATIN_PIECE.findall(text) for term in latin_terms(word)]
    terms: list[str] = []
    for piece in _PIECE.finditer(text):
        latin = piece["latin"]
        if latin:
            terms.extend(latin_terms(latin))
        else:
            terms.extend(cjk_terms(piece["cjk"], language))
    return terms


def surface_words(text: str) -> list[str]:
    """Latin words before stemming: what typing errors are mended against."""
    return [word for word in _LATIN_PIECE.findall(folded(text)) if word.isalpha()]


@lru_cache(maxsize=200_000)
def latin_terms(word: str) -> tuple[str, ...]:
    """Terms of one lower-case word: `tidb_mem_quota` gives itself, `tidb`, `mem` and `quota`;
    `v8.5.4` gives `8.5.4` and `8.5`."""
    if len(word) > _LONGEST_WORD:
        return ()
    if "_" in word:
        parts = [part for part in word.split("_") if part]
        return (word, *(term for part in parts if not _short_number(part) for term in _stem(part)))
    if "." in word:
        version = word.removeprefix("v").split(".")
        return (".".join(version), *([".".join(version[:2])] if len(version) > 2 else []))
    if "'" in word:
        word = word.split("'")[0] if word.endswith("'s") else word.replace("'", "")
    return () if _short_number(word) else _stem(word)


def cjk_terms(run: str, language: Language) -> list[str]:
    """Character pairs of a run; in Chinese single characters too, as many words have one."""
    if len(run) == 1:
        return [run]
    pairs = list(map(str.__add__, run, run[1:]))
    return [*pairs, *run] if language == "zh" else pairs


def _short_number(word: str) -> bool:
    return len(word) <= 2 and word.isdigit()


def _stem(word: str) -> tuple[str, ...]:
    stemmer = getattr(_stemmers, "english", None)
    if stemmer is None:  # one per thread: a stemmer is not safe to share
        stemmer = _stemmers.english = Stemmer.Stemmer("english")
    return (str(stemmer.stemWord(word)),)
