"""How well and how fast messages are understood.

    python benchmarks/understanding.py [--data FILE …] [--messages DIR …] [--bot ID …]
                                       [--chat FILE …]

Prints accuracy, silence, typing slips, time, start and memory, and in the end which goals are not
reached.

`--data`      data sets, `{"text", "label", "split"}` a line, label `oos` for out of scope. The bot
              learns each of them; beside it stand the peers: rapidfuzz `extractOne`, and
              scikit-learn's tf-idf with logistic regression where it is installed.
`--messages`  folders of `*en.jsonl`, `*ja.jsonl`, `*zh.jsonl` with
              `{"text", "label", "also", "slots", "ambient", "ambiguous"}`; `tests/messages` always.
`--bot`       the bot's user ids in those messages: one that mentions it is not uninvited.
`--chat`      chat in which nobody asks a bot, `{"text"}` a line: how often would it interrupt?
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from build_catalogue import OUT_OF_SCOPE, build, intent_name
from goals import Goals
from understanding_peers import Classifier, Ours, peers, slip

from bot.content.catalogue import load_catalogue
from bot.desk.catalogue import Catalogue
from bot.desk.meaning import LANGUAGES, Hearing
from bot.understanding.reader import Understanding

ROOT = Path(__file__).parents[1]
Row = dict[str, Any]

RIGHT = {"en": 0.88, "ja": 0.85, "zh": 0.85}
SLOTS = {"en": 0.92, "ja": 0.90, "zh": 0.90}
UNINVITED = {"en": 0.80, "ja": 0.78, "zh": 0.78}
INTERRUPTED, CHAT_INTERRUPTED = 0.03, 0.01
MEDIAN_MS, SLOWEST_MS = 0.5, 5.0
START_SECONDS, MEMORY_MB = 1.0, 100.0
IN_SCOPE, OUT_OF_SCOPE_FOUND = 0.93, 0.60
LOST_BY_ONE_SLIP, LOST_BY_TWO = 0.015, 0.03

_START = """
import sys
from pathlib import Path
from bot.content.catalogue import load_catalogue
from bot.understanding.reader import Understanding
catalogue = load_catalogue(Path(sys.argv[1]))
understanding = Understanding.from_catalogue(catalogue, Path(sys.argv[2]))
understanding.understand("any news on SUP-1042?")
status = Path("/proc/self/status")  # absent where the kernel is not Linux
lines = status.read_text().splitlines() if status.exists() else ()
print(next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), "nan"))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, nargs="*", default=[])
    parser.add_argument("--messages", type=Path, nargs="*", default=[])
    parser.add_argument("--bot", nargs="*", default=["U0BOT"])
    parser.add_argument("--chat", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        catalogue = load_catalogue(ROOT / "intents")
        understanding = Understanding.from_catalogue(catalogue, cache)
        goals = Goals()
        for place in (ROOT / "tests" / "messages", *options.messages):
            report_messages(place, options.bot, catalogue, understanding, goals)
        for file in options.chat:
            report_chat(file, understanding, goals)
        report_start(cache, goals)
        for file in options.data:
            report_data(file, cache, goals)
        goals.report()


def report_messages(
    folder: Path,
    bots: Sequence[str],
    catalogue: Catalogue,
    understanding: Understanding,
    goals: Goals,
) -> None:
    """Requests as spoken to the bot and unaddressed, and ordinary talk."""
    print(f"\n{folder}")
    print("  language  messages  right intent  right slots  answered uninvited  interrupted   ms")
    for language in LANGUAGES:
        rows = [row for file in sorted(folder.glob(f"*{language}.jsonl")) for row in read(file)]
        if rows:
            figures = _message_figures(rows, bots, catalogue, understanding)
            right, slots, answered, interrupted, median, slowest = figures
            print(
                f"  {language:8}  {len(rows):8}  {right:12.3f}  {slots:11.3f}  {answered:18.3f}"
                f"  {interrupted:11.3f}  {median:.2f} (99 %: {slowest:.1f})"
            )
            name = f"{folder.name} {language}"
            goals.at_least(f"{name}, right intent", right, RIGHT[language])
            goals.at_least(f"{name}, right slots", slots, SLOTS[language])
            goals.at_least(f"{name}, answered uninvited", answered, UNINVITED[language])
            goals.at_most(f"{name}, interrupted", interrupted, INTERRUPTED)
            goals.at_most(f"{name}, median ms", median, MEDIAN_MS)
            goals.at_most(f"{name}, 99 % ms", slowest, SLOWEST_MS)


def _message_figures(
    rows: Sequence[Row], bots: Sequence[str], catalogue: Catalogue, understanding: Understanding
) -> tuple[float, float, float, float, float, float]:
    asked = [row for row in rows if not row["ambient"]]
    silent = catalogue.vocabulary.silent
    uninvited = [row for row in asked if not any(f"<@{bot}>" in row["text"] for bot in bots)]
    requests = [row for row in uninvited if row["label"] not in silent]
    spoken_to = Hearing(addressed=True)
    right = [row for row in asked if _right(row, understanding.understand(row["text"], spoken_to))]
    slots = [_slots_right(row, understanding.understand(row["text"], spoken_to)) for row in right]
    answered = 0
    for row in requests:
        meaning = understanding.understand(row["text"])
        answered += meaning.reply and _right(row, meaning)
    ambient = [understanding.understand(row["text"]).reply for row in rows if row["ambient"]]
    spent = times(lambda text: understanding.understand(text), [row["text"] for row in rows])
    return (
        len(right) / len(asked),
        sum(slots) / len(slots),
        answered / len(requests),
        sum(ambient) / max(len(ambient), 1),
        statistics.median(spent),
        _quantile(spent, 0.99),
    )


def _right(row: Row, meaning: Any) -> bool:
    return meaning.intent in {row["label"], *(row["also"] if row["ambiguous"] else ())}


def _slots_right(row: Row, meaning: Any) -> bool:
    wanted = {slot: value.lower() for slot, value in row["slots"].items() if value}
    found = {slot: value.lower() for slot, value in meaning.slots.items() if slot != "severity"}
    return wanted == found


def report_chat(file: Path, understanding: Understanding, goals: Goals) -> None:
    texts = [row["text"] for row in read(file)]
    interrupted = sum(understanding.understand(text).reply for text in texts)
    print(f"\n{file.name}: {len(texts)} messages, {interrupted / len(texts):.4f} interrupted")
    goals.at_most(f"{file.name}, interrupted", interrupted / len(texts), CHAT_INTERRUPTED)


def report_start(cache: Path, goals: Goals) -> None:
    command = [sys.executable, "-c", _START, str(ROOT / "intents"), str(cache)]
    began = time.perf_counter()
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    seconds, memory = time.perf_counter() - began, float(said)
    print(
        f"\nstart with a learnt model: {seconds:.2f} s to the first answer, {memory:.0f} MB at most"
    )
    goals.at_most("seconds from process start to first answer", seconds, START_SECONDS)
    goals.at_most("MB at most", memory, MEMORY_MB)


def report_data(file: Path, cache: Path, goals: Goals) -> None:
    """A data set learnt anew: accuracy, and the published threshold rule for out of scope."""
    rows = read(file)
    folder = cache / file.stem
    build(file, folder)
    began = time.perf_counter()
    catalogue = load_catalogue(folder)
    ours: Classifier = Ours(Understanding.from_catalogue(catalogue, cache))
    learnt = time.perf_counter() - began
    print(f"\n{file.name} (learnt in {learnt:.0f} s)")
    print("  engine                     right   one slip  two slips  in scope / out of scope    ms")
    train = [row for row in rows if row["split"] == "train" and row["label"] != OUT_OF_SCOPE]
    phrases = [(row["text"], intent_name(row["label"])) for row in train]
    for engine in (ours, *peers(phrases)):
        figures = _data_figures(engine, rows)
        print(f"  {engine.name:25}  {_data_line(figures)}", flush=True)
        if engine is ours:
            _compare(file.name, figures, goals)


def _compare(name: str, figures: DataFigures, goals: Goals) -> None:
    right, one, two = figures.right
    goals.at_most(f"{name}, lost by one slip", right - one, LOST_BY_ONE_SLIP)
    goals.at_most(f"{name}, lost by two slips", right - two, LOST_BY_TWO)
    if figures.refused is not None:
        goals.at_least(f"{name}, in scope", figures.kept, IN_SCOPE)
        goals.at_least(f"{name}, out of scope found", figures.refused, OUT_OF_SCOPE_FOUND)


@dataclass(frozen=True, slots=True)
class DataFigures:
    right: list[float]
    """Share read right with no, one and two typing slips."""
    kept: float
    """Share of what is in scope that is read right and scored above the threshold."""
    refused: float | None
    """Share of what is out of scope that is scored below it."""
    median_ms: float


def _data_line(figures: DataFigures) -> str:
    plain, one, two = figures.right
    refused = "–" if figures.refused is None else f"{figures.refused:.3f}"
    return (
        f"{plain:.3f}  {one:9.3f}  {two:9.3f}  {figures.kept:8.3f} / {refused:12}"
        f"  {figures.median_ms:6.2f}"
    )


def _data_figures(engine: Classifier, rows: Sequence[Row]) -> DataFigures:
    test = [row for row in rows if row["split"] == "test"]
    scope = _thin([row for row in test if row["label"] != OUT_OF_SCOPE], engine.most)
    shares = []
    for slips in (0, 1, 2):
        texts = [slip(row["text"], slips, seed) for seed, row in enumerate(scope)]
        guesses = [intent for intent, _ in engine.guess(texts)]
        shares.append(_share(guesses, scope))
    validation = [row for row in rows if row["split"] == "val"]
    threshold = _best_threshold(engine, _thin(validation, engine.most))
    kept = engine.guess([row["text"] for row in scope])
    right = [
        intent == intent_name(row["label"]) and score >= threshold
        for (intent, score), row in zip(kept, scope, strict=True)
    ]
    outside = _thin([row for row in test if row["label"] == OUT_OF_SCOPE], engine.most)
    refused = [score < threshold for _, score in engine.guess([row["text"] for row in outside])]
    spent = times(lambda text: engine.guess([text]), [row["text"] for row in test[:200]])
    return DataFigures(
        shares,
        sum(right) / len(right),
        sum(refused) / len(refused) if refused else None,
        statistics.median(spent),
    )


def _thin(rows: Sequence[Row], most: int) -> Sequence[Row]:
    """At most about `most` rows, evenly from all over."""
    return rows[:: max(1, len(rows) // most)]


def _best_threshold(engine: Classifier, rows: Sequence[Row]) -> float:
    """The threshold with the most right decisions on the validation split."""
    guesses = engine.guess([row["text"] for row in rows])
    labels = [None if row["label"] == OUT_OF_SCOPE else intent_name(row["label"]) for row in rows]
    candidates = sorted(score for _, score in guesses)[: len(guesses) // 2 : 10]

    def right(threshold: float) -> int:
        return sum(
            (intent if score >= threshold else None) == label
            for (intent, score), label in zip(guesses, labels, strict=True)
        )

    return max(candidates, key=right, default=0.0)


def _share(guesses: Iterable[str], rows: Sequence[Row]) -> float:
    return sum(
        guess == intent_name(row["label"]) for guess, row in zip(guesses, rows, strict=True)
    ) / len(rows)


def times(work: Any, texts: Sequence[str]) -> list[float]:
    """Milliseconds of each call."""
    spent = []
    for text in texts:
        began = time.perf_counter()
        work(text)
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def read(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


if __name__ == "__main__":
    main()
