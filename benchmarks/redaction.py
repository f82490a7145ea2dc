"""How much redaction finds, how often it is wrong, and how fast it is.

    python benchmarks/redaction.py [--chatter FILE]

FILE holds one ordinary message a line, as JSON (`{"text": "…"}`), in which there is nothing secret;
what is found there is printed, to be looked at.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.desk.redaction import redacted
from tests.support.made_secrets import made_secrets

MADE = 6_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--chatter", type=Path)
    options = parser.parse_args()
    made = [one for seed in range(4) for one in made_secrets(MADE // 4, seed)]
    left = sum(one.secret in redacted(one.text).text for one in made)
    print(f"{len(made)} made secrets in three languages: recall {1 - left / len(made):.4f}")
    texts = [one.text for one in made]
    print(f"speed with a secret in each: {_speed(texts):,.0f} messages/s")
    if options.chatter:
        lines = options.chatter.read_text(encoding="utf-8").splitlines()
        chatter = [str(json.loads(line)["text"]) for line in lines if line.strip()]
        found = [done for text in chatter if (done := redacted(text)).kinds]
        rate = 1000 * len(found) / max(len(chatter), 1)
        print(f"{len(chatter)} ordinary messages: {len(found)} hits, {rate:.2f} in 1,000")
        print(f"speed on ordinary messages: {_speed(chatter):,.0f} messages/s")
        for done in found:
            print("  hit:", done.kinds, done.text[:120].replace("\n", " "))


def _speed(texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        redacted(text)
    return len(texts) / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
