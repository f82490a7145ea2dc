"""Up or down, and to which plan.

People name the plan they leave, the one they want, or both: *from Enterprise back to Standard*,
*Premium をやめて Enterprise に*, *企业版换成标准版*. Which is which is told by the small words
beside the names; up or down by the order of the plans, by the plan the account has, and by words
such as *downgrade*, in this order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.desk.catalogue import Ladder
from bot.understanding.scene import Scene
from bot.understanding.terms import Found

Way = Literal["up", "down"]
Role = Literal["left", "wanted", "named"]

_BESIDE_LATIN = 2
"""Words between a small word and the plan's name (*to the new Standard*)."""
_BESIDE_ASIAN = 7
"""The same in characters."""
_NOUN_BETWEEN = re.compile(r"(?:サポート|プラン|契約|ティア|版|の方|[\s」』])*")


@dataclass(frozen=True, slots=True)
class Move:
    """What a message says about changing plans."""

    order: tuple[str, ...]
    """All plans, lowest first."""
    named: tuple[tuple[str, Role], ...]
    """Plans in order of the text."""
    way: Way | None
    """`None`: the words do not tell."""
    unwanted: bool
    """The author says that no change is wanted."""
    elsewhere: bool
    """Clusters, versions or sizes are spoken of: another ladder may be meant."""
    spoken_of: bool
    """Plans or support are spoken of."""
    ending: bool
    """The end of a paid plan is spoken of."""

    def target(self, way: Way) -> str | None:
        """The plan to go to. Nobody goes up to the lowest plan or down to the highest."""
        never = self.order[0] if way == "up" else self.order[-1]
        for role in ("wanted", "named"):
            if role == "named" and self.ending and way == "down":
                return self.order[0]
            for rung, its_role in reversed(self.named):
                if its_role == role and rung != never:
                    return rung
        return None


def read_move(scene: Scene, ladder: Ladder, current: str | None) -> Move:
    """`current` is the account's plan, when known."""
    order = tuple(ladder.rungs)
    named = _named(scene, order)
    up, up_turned = _said(scene, "ladder.upwards")
    down, _ = _said(scene, "ladder.downwards")
    ending = bool(scene.words_of("ladder.ending"))
    wanted = any(role == "wanted" for _, role in named)
    return Move(
        order,
        named,
        _way(order, named, current, up, down, ending),
        unwanted=up_turned and not (up or down or ending or wanted),
        elsewhere=_elsewhere(scene),
        spoken_of=bool(named or scene.words_of("ladder.words")),
        ending=ending,
    )


def _way(
    order: tuple[str, ...],
    named: tuple[tuple[str, Role], ...],
    current: str | None,
    up: bool,
    down: bool,
    ending: bool,
) -> Way | None:
    wanted = [rung for rung, role in named if role == "wanted"]
    others = [rung for rung, role in named if role == "named"]
    left = [rung for rung, role in named if role == "left"]
    named_last = wanted or others
    target = named_last[-1] if named_last else None
    before = others[:-1] if not wanted else others
    source = left[-1] if left else before[0] if before else current
    if source in order and target is not None and source != target:
        return "up" if order.index(target) > order.index(str(source)) else "down"
    if ending and (down or not up):
        return "down"
    if down != up:
        return "down" if down else "up"
    if not wanted and len(others) < 2:
        return None  # *Basic isn't enough*: a plan is named, not wanted
    if target == order[0]:
        return "down"
    return "up" if not down else None  # everybody starts on the lowest plan


def _elsewhere(scene: Scene) -> bool:
    versions = any(token.kind == "version" for token in scene.tokens)
    return versions or bool(scene.words_of("ladder.also_known"))


def _said(scene: Scene, kind: str) -> tuple[bool, bool]:
    """(said, said and turned round)."""
    turned = [scene.negated(word) for word in scene.words_of(kind)]
    return not all(turned), any(turned)


def _named(scene: Scene, order: tuple[str, ...]) -> tuple[tuple[str, Role], ...]:
    names = sorted(
        ((rung, term) for rung in order for term in scene.words_of(f"rung.{rung}")),
        key=lambda pair: (pair[1].start, -pair[1].end),
    )
    found: list[tuple[str, Role]] = []
    end = 0
    for rung, term in names:
        if term.start >= end:
            found.append((rung, _role(scene, term)))
            end = term.end
    return tuple(found)


def _role(scene: Scene, name: Found) -> Role:
    """By the nearest small word beside the name; of two as near, the longer tells more."""
    best: tuple[int, int] | None = None
    role: Role = "named"
    kinds: tuple[tuple[str, Role], ...] = (
        ("ladder.leaving", "left"),
        ("ladder.arriving", "wanted"),
    )
    for kind, its_role in kinds:
        for word in scene.words_of(kind):
            distance = _distance(scene, word, name)
            if distance is None:
                continue
            rank = (distance, word.start - word.end)
            if best is None or rank < best:
                best, role = rank, its_role
    return role


def _distance(scene: Scene, word: Found, name: Found) -> int | None:
    """Characters between, when the word is on its side of the name: Japanese particles follow.

    Between a name and its particle stands at most a noun (*Enterprise サポート に*).
    """
    text = scene.read.folded
    japanese = any("\u3041" <= letter <= "\u3096" for letter in text[word.start : word.end])
    asian = scene.tokens[word.first].kind == "asian"
    before, after = name.start - word.end, word.start - name.end
    if japanese:
        between = text[name.end : word.start]
        return after if after >= 0 and _NOUN_BETWEEN.fullmatch(between) else None
    reach = _BESIDE_ASIAN if asian else _BESIDE_LATIN
    if 0 <= name.first - word.last <= reach and not scene.broken(word.end, name.start):
        return before
    if asian and 0 <= after <= reach and not scene.broken(name.end, word.start):
        return after + 1
    return None
