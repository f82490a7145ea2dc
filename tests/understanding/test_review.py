"""`check --intents` finds the phrases that are to blame."""

from __future__ import annotations

import pytest

from bot.confusions import print_confusions
from bot.desk.catalogue import Catalogue, Intent
from bot.settings import Settings, load_settings
from bot.understanding.review import Review, review
from bot.understanding.word_vectors import load_word_vectors

PAY = (
    "pay my bill", "pay the bill", "the bill is wrong", "my bill is too high", "refund the bill",
    "bill us in euro", "send the bill again", "bill of october", "a second bill came",
)  # fmt: skip
FIX = (
    "cluster is broken", "cluster crashed", "the cluster is down", "cluster fails again",
    "our cluster stopped", "cluster hangs", "restart the cluster", "cluster is slow",
    "slow cluster",
)  # fmt: skip
STRAYED = "please send the bill again"


@pytest.fixture(scope="module")
def confused(request: pytest.FixtureRequest) -> Catalogue:
    return Catalogue(
        {
            "pay": Intent("pay", "pay", {"en": PAY}),
            "fix": Intent("fix", "fix", {"en": (*FIX, STRAYED)}),
        }
    )


@pytest.fixture(scope="module")
def settings(request: pytest.FixtureRequest) -> Settings:
    assert request.config.cache is not None
    cache = request.config.cache.mkdir("understanding")
    return load_settings({"SUPPORTBOT_CACHE": str(cache)}, cache)


@pytest.fixture(scope="module")
def found(confused: Catalogue, settings: Settings) -> Review:
    return review(confused, load_word_vectors(settings.cache), lambda done: None)


def test_a_phrase_in_the_wrong_file_is_named_with_its_like(found: Review) -> None:
    (strayed,) = [one for one in found.mistaken if one.example.text == STRAYED]
    assert strayed.read_as == "pay"
    assert strayed.like.text == "send the bill again"
    assert found.taken_for("fix")[0] == ("pay", 1)


def test_nearly_the_same_words_in_two_intents_are_named(found: Review) -> None:
    pairs = {(first.text, second.text) for first, second in found.doubles}
    assert pairs == set()  # "please" makes them differ enough; the next line does not
    near = Catalogue(
        {
            "pay": Intent("pay", "pay", {"en": PAY}),
            "fix": Intent("fix", "fix", {"en": (*FIX, "pay the bill!")}),
        }
    )
    again = review(near, load_word_vectors(None), lambda done: None)
    assert ("pay the bill", "pay the bill!") in {(a.text, b.text) for a, b in again.doubles}


def test_it_is_told_in_words(
    confused: Catalogue, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    print_confusions(confused, settings)
    told = capsys.readouterr().out
    assert "19 phrases" in told
    assert "taken for pay 1" in told
    assert repr(STRAYED) in told
