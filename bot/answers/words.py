"""Text as search terms: stems for English, character pairs for Japanese and Chinese.

Documents and questions pass through the same functions, so a term either meets or does not.
Latin words inside Japanese and Chinese text are handled as English ones: product names and SQL
stay Latin in all three languages.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain
from threading import local

import Stemmer

from bot.desk.meaning import Language

_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff々]")

_CJK_RUN = re.compile(r"[\u3041-\u3096\u30a1-\u30ff\u3400-\u9fff\uf900-\ufaff々]+")
_LATIN_RUN = re.compile(r"[a-z0-9][a-z0-9_.']*")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+")

_GAP = "\n"
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
    """All terms of a text, repeats included: Latin ones in order, then the others in order."""
    text = folded(text)
    terms = list(chain.from_iterable(map(latin_terms, _LATIN_RUN.findall(text))))
    if language != "en" and not text.isascii():
        terms += cjk_terms(_CJK_RUN.findall(text), language)
    return terms


def surface_words(text: str) -> list[str]:
    """Latin words before stemming: what typing errors are mended against."""
    words = (run.rstrip("._'") for run in _LATIN_RUN.findall(folded(text)))
    return [word for word in words if word.isalpha()]


@lru_cache(maxsize=200_000)
def latin_terms(word: str) -> tuple[str, ...]:
    """Terms of one lower-case run: `tidb_mem_quota` gives itself, `tidb`, `mem` and `quota`;
    `v8.5.4` gives `8.5.4` and `8.5`."""
    word = word.rstrip("._'")
    if len(word) > _LONGEST_WORD or not word:
        return ()
    if "." in word and not _VERSION.fullmatch(word):
        return tuple(chain.from_iterable(map(latin_terms, word.split("."))))
    if "_" in word:
        parts = [part for part in word.split("_") if part]
        return (word, *(term for part in parts if not _short_number(part) for term in _stem(part)))
    if "." in word:
        version = word.removeprefix("v").split(".")
        return (".".join(version), *([".".join(version[:2])] if len(version) > 2 else []))
    if "'" in word:
        word = word.split("'")[0] if word.endswith("'s") else word.replace("'", "")
    return () if _short_number(word) else _stem(word)


def cjk_terms(runs: list[str], language: Language) -> list[str]:
    """Character pairs of the runs; in Chinese single characters too, as many words have one."""
    joined = _GAP.join(runs)
    pairs = [pair for pair in map(str.__add__, joined, joined[1:]) if _GAP not in pair]
    if language == "zh":
        return [*pairs, *joined.replace(_GAP, "")]
    return pairs + [run for run in runs if len(run) == 1]


def _short_number(word: str) -> bool:
    return len(word) <= 2 and word.isdigit()


def _stem(word: str) -> tuple[str, ...]:
    stemmer = getattr(_stemmers, "english", None)
    if stemmer is None:  # one per thread: a stemmer is not safe to share
        stemmer = _stemmers.english = Stemmer.Stemmer("english")
    return (str(stemmer.stemWord(word)),)
