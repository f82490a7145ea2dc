"""Make an `intents/` folder from a labelled data set.

    python benchmarks/build_catalogue.py SRC.jsonl OUT_DIR

SRC has one `{"text", "label", "split"}` a line. Rows of the split `train` become phrases; the label
`oos` (out of scope) becomes ordinary talk. The folder works with `supportbot match --intents`.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from pathlib import Path

OUT_OF_SCOPE = "oos"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    count = build(arguments.source, arguments.out)
    print(f"{count} phrases in {arguments.out}")


def build(source: Path, out: Path) -> int:
    """Writes the folder and returns the number of phrases. Doubles are left out."""
    phrases: dict[str, list[str]] = {}
    seen: set[str] = set()
    for line in source.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = " ".join(unicodedata.normalize("NFKC", row["text"]).casefold().split())
        if row.get("split", "train") == "train" and key and key not in seen:
            seen.add(key)
            phrases.setdefault(row["label"], []).append(row["text"])
    (out / "background").mkdir(parents=True, exist_ok=True)
    for label, texts in phrases.items():
        if label == OUT_OF_SCOPE:
            (out / "background" / "en.yml").write_text(_list(texts, ""), encoding="utf-8")
            continue
        head = f"description: {_quoted(label)}\nphrases:\n  en:\n"
        (out / f"{intent_name(label)}.yml").write_text(head + _list(texts, "    "), "utf-8")
    return len(seen)


def intent_name(label: str) -> str:
    """A label as a file name: `Refund not showing up` → `refund_not_showing_up`."""
    name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    return name if name[:1].isalpha() else f"intent_{name}"


def _list(texts: list[str], indent: str) -> str:
    return "".join(f"{indent}- {_quoted(text)}\n" for text in texts)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string


if __name__ == "__main__":
    main()
