"""`supportbot check --intents`: which intents are taken for each other, and what to do about it."""

from __future__ import annotations

from bot.desk.catalogue import Catalogue
from bot.progress import Learning
from bot.settings import Settings
from bot.understanding.review import Review, review
from bot.understanding.word_vectors import load_word_vectors

_SHOWN = 15
"""Lines of each list: what is above them is mended first."""


def print_confusions(catalogue: Catalogue, settings: Settings) -> None:
    """Reads every phrase as if it had not been taught, and prints what goes wrong."""
    done = Learning(sum(1 for _ in catalogue.examples()))
    found = review(catalogue, load_word_vectors(settings.cache), done)
    _print_intents(found)
    _print_drawing(found)
    _print_mistaken(found)
    _print_doubles(found)


def _print_intents(found: Review) -> None:
    wrong = len(found.mistaken)
    whole = sum(found.phrases.values())
    print(
        f"\n{whole} phrases, each read as if it had not been taught:"
        f" {whole - wrong} right, {wrong} taken for another intent"
    )
    width = max(map(len, found.phrases), default=0)
    for intent, count in found.phrases.items():
        taken = found.taken_for(intent)
        right = count - sum(number for _, number in taken)
        others = ", ".join(f"{name} {number}" for name, number in taken[:3])
        told = f"   taken for {others}" if others else ""
        print(f"  {intent:{width}}  {right / count:4.0%} of {count:4}{told}")


def _print_drawing(found: Review) -> None:
    drawing = found.drawing()
    print("\nphrases that draw others away (make them say more clearly what is meant):")
    for phrase, away in drawing[:_SHOWN]:
        print(f"  {phrase.intent}: {phrase.text!r}")
        for one in away[:4]:
            print(f"      ← {one.example.intent}: {one.example.text!r}")
    _print_rest(len(drawing))


def _print_mistaken(found: Review) -> None:
    print("\nphrases surely taken for another intent (move them, or add more like them):")
    for one in found.mistaken[:_SHOWN]:
        print(f"  {one.example.intent}: {one.example.text!r}")
        print(f"      → {one.read_as} ({one.sure:.2f}), like {one.like.text!r}")
    _print_rest(len(found.mistaken))


def _print_doubles(found: Review) -> None:
    print("\nphrases of different intents with nearly the same words (keep one of each):")
    for first, second in found.doubles[:_SHOWN]:
        print(f"  {first.intent}: {first.text!r}  ~  {second.intent}: {second.text!r}")
    _print_rest(len(found.doubles))


def _print_rest(count: int) -> None:
    if not count:
        print("  none")
    elif count > _SHOWN:
        print(f"  … and {count - _SHOWN} more")
