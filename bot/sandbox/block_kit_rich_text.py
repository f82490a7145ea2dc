"""The structure of `rich_text` blocks."""

from __future__ import annotations

from bot.sandbox.block_kit_rules import (
    Rule,
    Shape,
    flag,
    items,
    matching,
    one_of,
    string,
    typed,
    whole_number,
)

_STYLE_NAMES = (
    *("bold", "italic", "strike", "code", "underline"),
    *("highlight", "client_highlight", "unlink"),
)
_STYLE = Shape(optional=dict.fromkeys(_STYLE_NAMES, flag))
_ID = matching(r"[A-Z][A-Z0-9]+", "an id")
_STYLED: dict[str, Rule] = {"style": _STYLE}
_WORDS: dict[str, Rule] = {
    "text": Shape({"text": string(40_000)}, _STYLED),
    "link": Shape({"url": string(3000)}, {"text": string(40_000), "unsafe": flag, **_STYLED}),
}
_INLINE = typed(
    {
        **_WORDS,
        "user": Shape({"user_id": _ID}, _STYLED),
        "usergroup": Shape({"usergroup_id": _ID}, _STYLED),
        "team": Shape({"team_id": _ID}, _STYLED),
        "channel": Shape({"channel_id": _ID}, _STYLED),
        "emoji": Shape(
            {"name": string(255)},
            {"unicode": string(255), "skin_tone": whole_number(1, 6), "url": string(3000)}
            | _STYLED,
        ),
        "broadcast": Shape({"range": one_of("here", "channel", "everyone")}, _STYLED),
        "color": Shape({"value": string(20)}, _STYLED),
        "date": Shape(
            {"timestamp": whole_number(0, 99_999_999_999), "format": string(500)},
            {"url": string(3000), "fallback": string(3000), **_STYLED},
        ),
    }
)
_BORDER: dict[str, Rule] = {"border": whole_number(0, 1)}
_SECTION = Shape({"elements": items(10_000, _INLINE, least=0)})

RICH_TEXT_ELEMENT = typed(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": Shape(
            {
                "style": one_of("bullet", "ordered"),
                "elements": items(1000, typed({"rich_text_section": _SECTION})),
            },
            {"indent": whole_number(0, 8), "offset": whole_number(0, 100_000), **_BORDER},
        ),
        "rich_text_preformatted": Shape(
            {"elements": items(10_000, typed(_WORDS), least=0)},
            {"language": string(100), **_BORDER},
        ),
        "rich_text_quote": Shape({"elements": items(10_000, _INLINE, least=0)}, _BORDER),
    }
)
RICH_TEXT = Shape({"elements": items(1000, RICH_TEXT_ELEMENT)}, {"block_id": string(255)})
RICH_TEXT_INPUT = Shape(
    optional={
        "action_id": string(255),
        "initial_value": typed({"rich_text": RICH_TEXT}),
        "dispatch_action_config": Shape(
            optional={"trigger_actions_on": items(2, string(100))},
        ),
        "focus_on_load": flag,
        "placeholder": typed({"plain_text": Shape({"text": string(150)}, {"emoji": flag})}),
    }
)
