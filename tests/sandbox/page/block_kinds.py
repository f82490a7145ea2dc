"""Every kind of block and element, for tests that draw them all."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str, value: str = "") -> Json:
    return {"text": plain(text), "value": value or text}


def button(text: str, action: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action, **more}


def question(label: str, block_id: str, element: Json, **more: Any) -> Json:
    """An input block; its element's action id is `value`."""
    element = {"action_id": "value", **element}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element} | more


def modal(*blocks: Json) -> Json:
    return {
        "type": "modal",
        "callback_id": "request",
        "title": plain("New request"),
        "submit": plain("Send"),
        "blocks": list(blocks),
    }


def options(say: str) -> list[Json]:
    return [option(f"{say} one", "1"), option(f"{say} two", "2")]


def every_element(say: str) -> list[Json]:
    """What may stand in an input block, each with `say` wherever words may be."""
    hint = {"placeholder": plain(say)}
    menus = ("users_select", "conversations_select", "channels_select")
    return [
        {"type": "plain_text_input", "initial_value": say, **hint},
        {"type": "plain_text_input", "multiline": True, "initial_value": say, **hint},
        {"type": "email_text_input", **hint},
        {"type": "url_text_input", **hint},
        {"type": "number_input", "is_decimal_allowed": False, **hint},
        {"type": "rich_text_input", **hint},
        {"type": "datepicker", "initial_date": "2026-11-23"},
        {"type": "timepicker", "initial_time": "09:30"},
        {"type": "datetimepicker", "initial_date_time": 1_790_000_000},
        {"type": "static_select", "options": options(say), **hint},
        {"type": "multi_static_select", "options": options(say), **hint},
        {
            "type": "static_select",
            "option_groups": [{"label": plain(say), "options": options(say)}],
        },
        {"type": "radio_buttons", "options": options(say)},
        {"type": "checkboxes", "options": options(say), "initial_options": options(say)[:1]},
        *({"type": kind, **hint} for kind in menus),
        *({"type": f"multi_{kind}", **hint} for kind in menus),
        {"type": "external_select", **hint},
        {"type": "multi_external_select", **hint},
    ]


def every_input(say: str) -> list[Json]:
    return [
        question(f"{say} {number}", f"q{number}", element, optional=True, hint=plain(say))
        for number, element in enumerate(every_element(say))
    ]


def every_message_block(say: str, person: str) -> list[Json]:
    """`say` wherever an app may put words; `person` is mentioned."""
    confirm = {
        "title": plain(say),
        "text": plain(say),
        "confirm": plain(say[:30]),
        "deny": plain("No"),
    }
    image = {"image_url": "https://pictures.example/x.png", "alt_text": say}
    words = [
        {"type": "text", "text": say, "style": {"bold": True, "code": True}},
        {"type": "link", "url": "https://pages.example/", "text": say},
        {"type": "user", "user_id": person},
        {"type": "emoji", "name": "ticket"},
        {"type": "broadcast", "range": "here"},
        {"type": "date", "timestamp": 1_790_000_000, "format": "{date}", "fallback": say},
    ]
    section = {"type": "rich_text_section", "elements": words}
    return [
        {"type": "header", "text": plain(say)},
        {
            "type": "section",
            "text": mrkdwn(say),
            "fields": [mrkdwn(f"*{say}*"), plain(say)],
            "accessory": {"type": "image", **image},
        },
        {
            "type": "section",
            "text": plain(say),
            "accessory": {"type": "overflow", "action_id": "more", "options": options(say)},
        },
        {"type": "context", "elements": [mrkdwn(say), plain(say), {"type": "image", **image}]},
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [
                button(say, "go", value=say, style="danger", confirm=confirm),
                button("Read", "read", url="https://pages.example/"),
                {"type": "static_select", "action_id": "pick", "options": options(say)},
            ],
        },
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "vote",
                    "positive_button": {"text": plain(say), "value": "yes"},
                    "negative_button": {"text": plain(say), "value": "no"},
                },
                {"type": "icon_button", "action_id": "bin", "icon": "trash", "text": plain(say)},
            ],
        },
        {
            "type": "rich_text",
            "elements": [
                section,
                {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [section]},
                {"type": "rich_text_quote", "elements": words},
                {"type": "rich_text_preformatted", "elements": words[:2]},
            ],
        },
        {"type": "markdown", "text": f"# {say}\n\n- {say}\n\n```\n{say}\n```\n\n![{say}](x.png)"},
        {"type": "image", "title": plain(say), **image},
        {
            "type": "table",
            "rows": [
                [{"type": "raw_text", "text": say}],
                [{"type": "rich_text", "elements": [section]}],
            ],
            "column_settings": [{"align": "right"}],
        },
    ]
