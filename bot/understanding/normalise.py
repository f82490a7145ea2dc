"""A Slack message as plain text: markup read, Unicode folded, length bounded.

Slack writes `<@U1>` people, `<#C1|name>` channels, `<!here>` groups, `<url|label>` links,
`:name:` emoji, backticks around code, and `&amp; &lt; &gt;` for three characters. What carries
meaning as a *kind* of thing (a person, a link, an emoji) becomes one private character, so that
no later step mistakes its insides for words.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

PERSON = "\ue000"
CHANNEL = "\ue001"
GROUP = "\ue002"
LINK = "\ue003"
EMOJI = "\ue004"
CODE = "\ue005"

LONGEST = 2000
"""Characters that are read. Requests say what they want early; the rest is logs and quotations,
and time must not grow with what somebody pastes."""
LONGEST_RAW = 4 * LONGEST
"""Characters looked at before markup is read; markup is at most about three quarters of a text."""
LONGEST_CODE = 300
"""Characters kept of one block of code: its first lines name the error."""

_MARKUP = re.compile(
    r"""
    <@(?P<person>[UW][A-Z0-9]*)(?:\|[^>]*)?>
  | <\#(?P<channel>C[A-Z0-9]*)(?:\|[^>]*)?>
  | <!(?P<group>[^>]{1,80})>
  | <mailto:(?P<mail>[^>|]{1,200})(?:\|[^>]*)?>
  | <(?P<url>(?:https?|tel|slack)://?[^>|\s]{1,2000})(?:\|(?P<label>[^>]{0,300}))?>
  | (?P<bare>https?://[^\s<>|]{1,2000})
  | ```(?P<block>.*?)(?:```|\Z)
  | (?P<emoji>:[a-z][a-z0-9_+'-]{1,40}:(?::skin-tone-\d:)?)
    """,
    re.VERBOSE | re.DOTALL,
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff\x00-\x08\x0b-\x1f\x7f]"
)
_PICTURE = re.compile(
    "[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+"
)  # fmt: skip
_ARROWS = str.maketrans(dict.fromkeys("→⇒➡⟶➔", ">"))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))
_TO_SOMEBODY = re.compile(
    r"""
    \A@(?!\S*(?:support|help|bot|サポート|客服|支持|tidb|pingcap|here|channel|everyone|team))
       (?:[^\s@、,:]{1,12}?(?:さん|様|くん|ちゃん|氏)|[^\W\d_][\w.-]{0,30}(?=[\s,、:：]))
  | >\s?[^\s>]{1,12}(?:さん|様|くん|ちゃん|氏)\s*\Z
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A name typed as one speaks to somebody, *@Tanaka …* or *… ＞佐藤さん*, is a person like one that
Slack has linked; names of desks and robots may be us."""
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Plain:
    """One message ready to be read."""

    written: str
    """As the author wrote it, markup gone; placeholders for people, links and emoji."""
    folded: str
    """`written` in lower case, the same length, so that positions are shared."""
    people: tuple[str, ...] = ()
    """Ids of the mentioned users, in order."""
    links: tuple[str, ...] = ()
    cut: bool = False
    """The message was longer than `LONGEST` and only its beginning was read."""


def plain(text: str) -> Plain:
    """`text` as Slack sends it → `Plain`. Never fails, time bounded by `LONGEST_RAW`."""
    people: list[str] = []
    links: list[str] = []

    def replace(match: re.Match[str]) -> str:
        kind, inside = match.lastgroup, match
        if inside["person"] is not None:
            people.append(inside["person"])
            return f" {PERSON} "
        if inside["channel"] is not None:
            return f" {CHANNEL} "
        if inside["group"] is not None:
            return f" {GROUP} "
        if inside["mail"] is not None:
            return f" {inside['mail']} "
        if inside["block"] is not None:
            return f" {CODE} {inside['block'][:LONGEST_CODE]} {CODE} "
        if kind == "emoji":
            return f" {EMOJI} "
        url = inside["url"] or inside["bare"]
        links.append(url)
        return f" {inside['label'] or ''} {LINK} "

    raw = text[:LONGEST_RAW]
    read = _MARKUP.sub(replace, raw)
    read = html.unescape(read).translate(_ARROWS)
    read = unicodedata.normalize("NFKC", _INVISIBLE.sub("", read)).translate(_DASHES)
    read = _TO_SOMEBODY.sub(f" {PERSON} ", _PICTURE.sub(f" {EMOJI} ", read).strip())
    read = _SPACES.sub(" ", read).strip()
    written = read[:LONGEST]
    cut = len(read) > LONGEST or len(text) > LONGEST_RAW
    return Plain(written, fold(written), tuple(people), tuple(links), cut)


def fold(text: str) -> str:
    """Lower case of the same length (a few letters, such as `İ`, have a longer lower case)."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
