"""The report's picture, drawn with matplotlib: PNG for Slack, SVG for the page."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from bot.desk.figures import Figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _GREEN, _AMBER, _RED, _GREY = "#1d2b33", "#0f766e", "#d99a26", "#b83a3a", "#c9d3d6"
_FONTS = ["Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "Yu Gothic", "DejaVu Sans"]
"""The first that is installed draws: names of customers come in three scripts."""
_MOST_BARS, _FEWEST_BARS = 8, 5


def picture(figures: Figures, t: Callable[..., str], kind: Literal["png", "svg"]) -> bytes:
    """Four charts on one sheet. `t` gives the words; matplotlib is loaded only here."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import font_manager
    from matplotlib import pyplot as plt

    known = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in _FONTS if name in known]
    with plt.rc_context({"font.family": fonts or ["sans-serif"], "svg.fonttype": "none",
                         "font.size": 10, "text.color": _INK, "axes.edgecolor": _GREY,
                         "svg.hashsalt": "supportbot", "text.parse_math": False}):  # fmt: skip
        figure, ((days, intents), (accounts, promises)) = plt.subplots(2, 2, figsize=(11, 6.4))
        try:
            _by_day(days, figures, str(t("report.by_day")))
            names = [(str(t(f"intent.{name}")), count) for name, count in figures.by_intent]
            _bars(intents, names, str(t("report.by_intent")))
            _bars(accounts, figures.by_account, str(t("report.by_account")))
            _promises(promises, figures, t)
            drawn = io.BytesIO()
            # No date in the file: the same figures draw the same picture.
            extra: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {"dpi": 144}
            with warnings.catch_warnings():
                # An emoji in a name is drawn as a box where no font has it.
                warnings.filterwarnings("ignore", message="Glyph .* missing")
                figure.tight_layout(pad=1.6)
                figure.savefig(drawn, format=kind, **extra)
        finally:
            plt.close(figure)
    return drawn.getvalue()


def _by_day(axes: Axes, figures: Figures, title: str) -> None:
    counts = [count for _, count in figures.by_day]
    axes.bar(range(len(counts)), counts, color=_GREEN)
    step = max(1, -(-len(counts) // 8))
    places = list(range(0, len(counts), step))
    labels = [f"{figures.by_day[at][0].day}.{figures.by_day[at][0].month}." for at in places]
    axes.set_xticks(places, labels)
    _plain(axes, title, max(counts, default=0))


def _bars(axes: Axes, counted: Sequence[tuple[str, int]], title: str) -> None:
    rows = [(name[:28], count, _GREEN) for name, count in counted[:_MOST_BARS]]
    _lying(axes, rows, title)


def _promises(axes: Axes, figures: Figures, t: Callable[..., str]) -> None:
    rows = [
        (t("report.kept"), figures.kept, _GREEN),
        (t("report.missed"), figures.missed, _RED),
        (t("report.answered_alone"), figures.answered_alone, _GREEN),
        (t("report.unknown"), figures.unknown, _AMBER),
    ]
    _lying(axes, rows, t("report.promises_and_answers"))


def _lying(axes: Axes, rows: Sequence[tuple[str, int, str]], title: str) -> None:
    """Lying bars, the first on top; a few of them stay as slim as many."""
    places, counts = range(len(rows)), [count for _, count, _ in rows]
    axes.barh(places, counts, color=[color for _, _, color in rows], height=0.62)
    axes.set_yticks(places, [name for name, _, _ in rows])
    for at, count in enumerate(counts):
        axes.text(count, at, f"  {count}", va="center")
    axes.set_ylim(max(len(rows), _FEWEST_BARS) - 0.5, -0.5)
    axes.set_xlim(0, max(counts, default=0) or 1)
    _plain(axes, title, 0)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _plain(axes: Axes, title: str, highest: int) -> None:
    axes.set_title(title, loc="left", fontweight="bold", fontsize=11)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)
    if highest:
        axes.set_yticks(sorted({0, highest}))
