"""Does anybody see another's words? Many customers who try each other's doors.

    python benchmarks/tenants.py [--companies 20] [--operations 10000] [--seconds 600] [--seed 1]

Every company has a word of its own in its name, its clusters and all that it writes. They ask for
the state of each other's requests, press buttons and send forms with each other's numbers, edit
each other's messages, search, write to the bot alone, open the home tab and give commands; staff
reply and keep notes, and replies go out by e-mail, too. Prints what was done and how many entries,
forms and e-mails to a company carried another one's word, or lines of the log and the audit trail
any word. Exit status 1 when there was one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bot.content.folder import load_content  # noqa: E402
from bot.settings import load_settings  # noqa: E402
from bot.storage.database import Database  # noqa: E402
from bot.storage.revision import require_current  # noqa: E402
from bot.wiring import build_library, build_understanding  # noqa: E402
from tests.support.house import Clock, house_of_two  # noqa: E402
from tests.support.tenants import Town  # noqa: E402

CACHE = Path.home() / ".cache" / "supportbot"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--companies", type=int, default=20, help="2 to 99")
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=600, help="stop after so long")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    content, clock = load_content(ROOT), Clock()
    settings = replace(load_settings({"HOME": str(Path.home())}, ROOT), cache=CACHE)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/desk.db")
        require_current(database)
        house = replace(
            house_of_two(database, content, clock),
            reader=build_understanding(content, settings),
            answers=build_library(content, settings, database),
        )
        town = Town(house, clock, options.companies, options.seed)
        started = time.monotonic()
        while town.done.total() < options.operations:
            town.act()
            if time.monotonic() - started > options.seconds:
                break
        leaks, dead = town.leaks(), Counter(town.dead())
        seconds = time.monotonic() - started
        carried = town.seen_by_customers()
        database.close()
    for way, count in town.done.most_common():
        print(f"{way:20} {count:7,}")
    print(f"{'operations':20} {town.done.total():7,} of {options.companies} firms, {seconds:.0f} s")
    print(f"{'own words delivered':20} {carried:7,} entries")
    print(f"{'e-mails':20} {len(town.mails):7,}")
    print(f"{'lines of the log':20} {town.logged():7,}")
    print(f"{'given up':20} {dead.total():7,} {dict(dead.most_common(3)) or ''}")
    print(f"{'foreign words':20} {len(leaks):7,}")
    print("\n".join(leaks[:20]))
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
