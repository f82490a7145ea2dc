"""Word pieces and their vectors: cut right, kept once, and near when the meaning is near."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.understanding.features import Floats
from bot.understanding.gist import Gist
from bot.understanding.pieces import Pieces
from bot.understanding.word_vectors import DIRECTIONS, WordVectors, load_word_vectors


@pytest.fixture(scope="module")
def vectors(request: pytest.FixtureRequest) -> WordVectors:
    assert request.config.cache is not None
    return load_word_vectors(request.config.cache.mkdir("understanding"))


def test_the_likeliest_cut_is_taken() -> None:
    pieces = Pieces(["▁re", "▁", "start", "re", "▁rest", "art", "s"], [-3, -2, -4, -3, -5, -9, -1])
    words = list(pieces)
    assert [words[number] for number in pieces.of("restart")] == ["▁re", "start"]
    assert [words[number] for number in pieces.of("rest ♞ start")] == ["▁rest", "▁", "▁", "start"]
    assert pieces.of("") == []
    assert Pieces([], []).of("anything") == []


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("please postpone the meeting", "delay the appointment", "buy some bread"),
        ("契約を解約したい", "契約を終了したい", "天気がいいですね"),
        ("数据库连不上", "数据库无法连接", "今天中午吃什么"),
        ("our invoice is wrong", "this bill is incorrect", "the sun is warm"),
    ],
)
def test_close_meanings_lie_close(vectors: WordVectors, text: str, near: str, far: str) -> None:
    def direction(words: str) -> Floats:
        mean = vectors.of(vectors.pieces.of(words)).mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)

    assert direction(text) @ direction(near) > direction(text) @ direction(far) + 0.1


def test_a_gist_has_unit_length_and_nothing_is_zero(vectors: WordVectors) -> None:
    texts = ["our cluster is down", "lunch at noon?", "クラスターが遅い", "集群连不上了", ""]
    numbers = [vectors.pieces.of(text) for text in texts]
    gist, found = Gist.fit(numbers, vectors)
    assert found.shape == (5, DIRECTIONS)
    lengths = np.linalg.norm(found, axis=1)
    assert lengths == pytest.approx([1, 1, 1, 1, 0], abs=1e-3)
    for each, row in zip(numbers, found, strict=True):
        assert gist.of(each, vectors) == pytest.approx(row, abs=1e-3)


def test_damaged_vectors_are_made_anew(vectors: WordVectors, tmp_path: Path) -> None:
    load_word_vectors(tmp_path)
    (file,) = tmp_path.glob("word-vectors-*/table.npy")
    file.write_bytes(b"damaged")
    again = load_word_vectors(tmp_path)
    assert again.table.shape == vectors.table.shape
    assert np.array_equal(again.table[:100], vectors.table[:100])
