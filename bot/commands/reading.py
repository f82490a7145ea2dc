"""Understand a text and answer a question, as the bot would."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.commands.declaring import command
from bot.desk.errors import SetupFault
from bot.progress import Learning
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.desk.documents import DocumentAnswer
    from bot.desk.meaning import Meaning
    from bot.understanding.reader import Why


def declare(commands: Any) -> None:
    """Declare these commands."""
    match = command(commands, "match", _match, "understand one text, or JSON lines of stdin")
    match.add_argument("text", nargs="?")
    match.add_argument("--intents", metavar="DIR", help="another catalogue")
    match.add_argument("--mentioned", action="store_true", help="as if the bot were mentioned")
    match.add_argument(
        "-v", "--verbose", action="store_true", help="what decided, and the nearest phrases"
    )

    ask = command(commands, "ask", _ask, "answer one question, or JSON lines of stdin")
    ask.add_argument("question", nargs="?")
    ask.add_argument("--language", choices=("en", "ja", "zh"))


def _texts(given: str | None, field: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The one text of the command line, or the JSON lines of standard input."""
    if given is not None:
        yield given, {}
        return
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            text = entry[field]
        except (json.JSONDecodeError, KeyError, TypeError):
            raise SetupFault(
                f'standard input, line {number}: write one JSON object a line with "{field}"'
            ) from None
        yield str(text), entry


def _match(options: argparse.Namespace, settings: Settings) -> int:
    from bot.content.catalogue import load_catalogue
    from bot.desk.meaning import Hearing, language_of
    from bot.understanding.reader import Understanding

    folder = Path(options.intents) if options.intents else settings.content / "intents"
    catalogue = load_catalogue(folder)
    reader = Understanding.from_catalogue(catalogue, settings.cache, Learning)
    for text, entry in _texts(options.text, "text"):
        hint = entry.get("language")
        hearing = Hearing(
            addressed=bool(entry.get("mentioned", options.mentioned)),
            clusters=tuple(entry.get("clusters", ())),
            plan=entry.get("plan"),
            language_hint=language_of(hint) if hint else None,
        )
        meaning = reader.understand(text, hearing)
        print(json.dumps(_shown(meaning), ensure_ascii=False))
        if options.verbose:
            _print_why(meaning, reader.why(text, hearing))
    return 0


def _print_why(meaning: Meaning, why: Why) -> None:
    likely = ", ".join(f"{intent} {share:.2f}" for intent, share in why.likely)
    enough = "≥" if meaning.score >= why.needed else "<"
    signs = why.evidence
    unknown = signs.unknown_latin + signs.unknown_asian
    print(f"    if the bot is meant: {likely}")
    print(f"    something is asked of a support desk: {why.asked:.2f} by the words")
    print(
        f"    words that no request has: {unknown:.0%}; subjects of ours: {signs.subjects};"
        f" a person is mentioned: {'yes' if signs.person else 'no'}"
    )
    print(f"    score {meaning.score:.2f} {enough} {why.needed:.2f} needed to speak uninvited")
    print("    nearest phrases:")
    for near in meaning.nearest:
        print(f"      {near.similarity:.2f} {near.intent}: {near.phrase}")


def _shown(meaning: Meaning) -> dict[str, Any]:
    return {
        "intent": meaning.intent,
        "score": round(meaning.score, 4),
        "language": meaning.language,
        "slots": dict(meaning.slots),
        "also": [
            {"intent": one.intent, "score": round(one.score, 4), "slots": dict(one.slots)}
            for one in meaning.also
        ],
        "reply": meaning.reply,
        "unsure_between": list(meaning.unsure_between),
    }


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    from bot.kb import library_for_asking

    library = library_for_asking(settings)
    for question, entry in _texts(options.question, "question"):
        language = entry.get("language", options.language)
        found = library.ask(question, language)
        print(json.dumps(_answered(found), ensure_ascii=False))
    return 0


def _answered(found: DocumentAnswer) -> dict[str, Any]:
    return {
        "answered": found.band,
        "score": round(found.score, 4),
        "language": found.language,
        "answer": found.text,
        "sources": [
            {
                "path": source.path,
                "anchor": source.anchor,
                "title": source.title,
                "section": source.section,
                "url": source.url,
                "language": source.language,
                "score": round(source.score, 4),
            }
            for source in found.sources
        ],
    }
