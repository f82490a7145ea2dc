"""The report's picture, drawn with matplotlib: PNG for Slack, SVG for the page."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from bot.desk.figures import Figures
from bot.desk.meaning import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _GREEN, _AMBER, _RED, _GREY = "#1d2b33", "#0f766e", "#d99a26", "#b83a3a", "#c9d3d6"
_SOFT = "#5c6b73"
_RATED = {5: _GREEN, 4: _GREEN, 3: _AMBER, 2: _RED, 1: _RED}
_JAPANESE = ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "IPAexGothic")
_CHINESE = ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei",
            "WenQuanYi Micro Hei")  # fmt: skip
_OTHERS = ("DejaVu Sans",)
"""Each that is installed draws what those before it cannot: names come in three scripts."""
_SHEET: list[Any] = [["days", "days"], ["intents", "accounts"], ["promises", "ratings"]]
_MOST_BARS, _FEWEST_BARS = 8, 5
_MOST_DAYS = 8
"""Labels below the bars of the days; more would run into each other."""
_LONGEST_NAME = 24
_ONE_AT_A_TIME = threading.Lock()
"""matplotlib's settings are the whole process's."""

Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of a picture: `t` in the reader's language, `plain` in one that any font draws."""

    language: Language
    t: Say
    plain: Say
    day: Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    complete: bool
    """False where this machine has no font for some of the letters."""


def picture(figures: Figures, speech: Speech, kind: Literal["png", "svg"]) -> Picture:
    """The charts on one sheet; matplotlib is loaded only here."""
    import matplotlib
    from matplotlib.figure import Figure

    fonts = _installed(speech.language)
    # The page's browser brings fonts of its own.
    words = _Words(speech, frozenset() if kind == "svg" else _letters(fonts))
    with (
        _ONE_AT_A_TIME,
        matplotlib.rc_context(
            {"font.family": list(fonts), "svg.fonttype": "none",
             "font.size": 12, "text.color": _INK, "axes.edgecolor": _GREY, "xtick.color": _INK,
             "ytick.color": _INK, "svg.hashsalt": "supportbot", "text.parse_math": False}
        ),
    ):  # fmt: skip
        # Not by pyplot, which keeps every figure for a window that nobody opens.
        rows = max(len(figures.by_intent), len(figures.by_account))
        heights = (1.9, _height(rows), _height(_FEWEST_BARS))
        sheet = Figure(figsize=(9.5, sum(heights)), facecolor="white")
        places = sheet.subplot_mosaic(_SHEET, height_ratios=heights)
        _by_day(places["days"], figures, words)
        named = [(words(f"intent.{name}"), count) for name, count in figures.by_intent]
        _bars(places["intents"], named, "report.by_intent", words)
        told = [(words.name(name), count) for name, count in figures.by_account]
        _bars(places["accounts"], told, "report.by_account", words)
        _promises(places["promises"], figures, words)
        _ratings(places["ratings"], figures, words)
        drawn = io.BytesIO()
        # No date in the file: the same figures draw the same picture.
        extra: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {"dpi": 144}
        with warnings.catch_warnings():
            # Only widths are taken from our fonts for the page; what they lack its browser draws.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            sheet.tight_layout(pad=1.6, w_pad=2.4, h_pad=2.4)
            sheet.savefig(drawn, format=kind, **extra)
    return Picture(drawn.getvalue(), words.complete)


class _Words:
    """Sentences and names, without the letters that would be drawn as empty boxes."""

    def __init__(self, speech: Speech, letters: frozenset[int]) -> None:
        self._speech = speech
        self._letters = letters
        self.complete = True

    def __call__(self, key: str, /, **values: object) -> str:
        said = str(self._speech.t(key, **values))
        if self._drawable(said) == said:
            return said
        self.complete = False
        return self._drawable(str(self._speech.plain(key, **values)))

    def day(self, day: date) -> str:
        return self._speech.day(day)

    def name(self, name: str) -> str:
        """Somebody's name, cut to fit beside a bar."""
        one_line = " ".join(name.split())
        drawable = " ".join(self._drawable(one_line).split())
        if sum(char.isalnum() for char in drawable) < sum(char.isalnum() for char in one_line):
            self.complete = False
        whole = drawable or "?"
        return whole if len(whole) <= _LONGEST_NAME else whole[: _LONGEST_NAME - 1] + "…"

    def _drawable(self, text: str) -> str:
        if not self._letters:
            return text
        return "".join(char for char in text if ord(char) in self._letters)


def _installed(language: Language) -> tuple[str, ...]:
    """Fonts of this machine. Han letters look different in Japanese and Chinese."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    first, second = (_CHINESE, _JAPANESE) if language == "zh" else (_JAPANESE, _CHINESE)
    found = (name for name in (*first, *second, *_OTHERS) if name in known)
    return tuple(found) or ("sans-serif",)


@lru_cache(maxsize=4)
def _letters(fonts: tuple[str, ...]) -> frozenset[int]:
    """Every character that one of the fonts can draw."""
    from matplotlib import font_manager

    found: set[int] = set()
    for name in fonts:
        font = font_manager.get_font(font_manager.findfont(name))
        found.update(font.get_charmap())
    return frozenset(found)


def _height(bars: int) -> float:
    """Inches for a chart of so many lying bars with its title."""
    return 0.8 + 0.34 * min(max(bars, _FEWEST_BARS), _MOST_BARS)


def _by_day(axes: Axes, figures: Figures, words: _Words) -> None:
    counts = [count for _, count in figures.by_day]
    if not any(counts):
        _nothing(axes, "report.by_day", words)
        return
    axes.bar(range(len(counts)), counts, color=_GREEN, width=0.62)
    step = max(1, -(-len(counts) // _MOST_DAYS))
    places = list(range(0, len(counts), step))
    axes.set_xticks(places, [words.day(figures.by_day[at][0]) for at in places])
    axes.tick_params(axis="x", labelsize=11)
    _plain(axes, words("report.by_day"))
    axes.set_yticks(sorted({0, max(counts)}))


def _bars(axes: Axes, counted: Sequence[tuple[str, int]], title: str, words: _Words) -> None:
    rows = [(name, count, _GREEN) for name, count in counted[:_MOST_BARS]]
    if len(counted) > _MOST_BARS:
        rest = counted[_MOST_BARS - 1 :]
        rows[-1] = (words("report.rest", count=len(rest)), sum(n for _, n in rest), _GREY)
    _lying(axes, rows, title, words)


def _promises(axes: Axes, figures: Figures, words: _Words) -> None:
    rows = [
        (words("report.kept"), figures.kept, _GREEN),
        (words("report.missed"), figures.missed, _RED),
        (words("report.answered_alone"), figures.answered_alone, _GREEN),
        (words("report.unknown"), figures.unknown, _AMBER),
    ]
    _lying(axes, rows, "report.promises_and_answers", words)


def _ratings(axes: Axes, figures: Figures, words: _Words) -> None:
    rows = [
        (words(f"rating.score.{score}"), count, _RATED[score])
        for score, count in figures.satisfaction.by_score
    ]
    _lying(axes, rows, "report.satisfaction", words)


def _lying(axes: Axes, rows: Sequence[tuple[str, int, str]], title: str, words: _Words) -> None:
    """Lying bars, the first on top; a few of them stay as slim as many."""
    if not any(count for _, count, _ in rows):
        _nothing(axes, title, words)
        return
    places, counts = range(len(rows)), [count for _, count, _ in rows]
    axes.barh(places, counts, color=[color for _, _, color in rows], height=0.62)
    axes.set_yticks(places, [name for name, _, _ in rows])
    for at, count in enumerate(counts):
        axes.annotate(
            str(count), (count, at), xytext=(7, 0), textcoords="offset points", va="center"
        )
    axes.set_ylim(max(len(rows), _FEWEST_BARS) - 0.5, -0.5)
    # Room for the number behind the longest bar.
    axes.set_xlim(0, max(counts) * 1.12)
    _plain(axes, words(title))
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _nothing(axes: Axes, title: str, words: _Words) -> None:
    """No figures: say so, instead of empty axes that look broken."""
    _plain(axes, words(title))
    axes.set_axis_off()
    axes.text(0, 0.82, words("report.nothing"), transform=axes.transAxes, color=_SOFT)


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontweight="bold", fontsize=13, pad=10)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
