"""Block Kit's composition objects and elements, with their documented limits."""

from __future__ import annotations

from bot.sandbox.block_kit_rules import (
    Findings,
    Rule,
    Shape,
    anything,
    flag,
    items,
    matching,
    object_to,
    one_of,
    plain,
    string,
    text,
    typed,
    whole_number,
)
from bot.sandbox.records import Json

IDENTIFIER = string(255)
ADDRESS = string(3000)
DATE = matching(r"\d{4}-\d\d-\d\d", "a date as YYYY-MM-DD")
TIME = matching(r"\d\d:\d\d", "a time as HH:mm")
ID = matching(r"[A-Z][A-Z0-9]+", "an id")

CONFIRM = Shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
DISPATCH_CONFIG = Shape(
    optional={
        "trigger_actions_on": items(2, one_of("on_enter_pressed", "on_character_entered")),
    }
)
SLACK_FILE = Shape(optional={"id": ID, "url": ADDRESS})
CONVERSATION_FILTER = Shape(
    optional={
        "include": items(4, one_of("im", "mpim", "private", "public")),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    }
)


def _option(value_most: int = 150, *, label: Rule | None = None, with_url: bool = False) -> Shape:
    fields: dict[str, Rule] = {"description": text(75)}
    if with_url:
        fields["url"] = ADDRESS
    return Shape({"text": label or plain(75), "value": string(value_most)}, fields)


OPTION = _option()
MARKED_OPTION = _option(label=text(75))
"""Of checkboxes and radio buttons, where mrkdwn is allowed."""
OVERFLOW_OPTION = _option(75, with_url=True)
OPTION_GROUP = Shape({"label": plain(75), "options": items(100, OPTION)})


def _options_or_groups(element: Json, pointer: str, findings: Findings) -> None:
    if ("options" in element) == ("option_groups" in element):
        object_to(findings, "exactly one of options and option_groups is required", pointer)
    values = [
        option.get("value")
        for group in [element, *element.get("option_groups", [])]
        if isinstance(group, dict)
        for option in group.get("options") or []
        if isinstance(option, dict)
    ]
    if len(values) != len(set(values)):
        object_to(findings, "option values must be unique", pointer)


def _image_source(element: Json, pointer: str, findings: Findings) -> None:
    if ("image_url" in element) == ("slack_file" in element):
        object_to(findings, "exactly one of image_url and slack_file is required", pointer)


def _control(required: dict[str, Rule] | None = None, /, **optional: Rule) -> Shape:
    """An interactive element; Slack makes up an `action_id` that is left out."""
    return Shape(required or {}, {"action_id": IDENTIFIER, **optional})


def _input(**optional: Rule) -> Shape:
    return _control(placeholder=plain(150), focus_on_load=flag, **optional)


def _menu(required: dict[str, Rule] | None = None, /, **optional: Rule) -> Shape:
    return _control(
        required, placeholder=plain(150), focus_on_load=flag, confirm=CONFIRM, **optional
    )


def _static_menu(**optional: Rule) -> Shape:
    menu = _menu(options=items(100, OPTION), option_groups=items(100, OPTION_GROUP), **optional)
    return Shape(menu.required, menu.optional, _options_or_groups)


BUTTON = _control(
    {"text": plain(75)},
    url=ADDRESS,
    value=string(2000),
    style=one_of("primary", "danger"),
    confirm=CONFIRM,
    accessibility_label=string(75),
)
IMAGE = Shape(
    {"alt_text": string(2000)}, {"image_url": ADDRESS, "slack_file": SLACK_FILE}, _image_source
)
OVERFLOW = _control({"options": items(5, OVERFLOW_OPTION)}, confirm=CONFIRM)
WORKFLOW_BUTTON = Shape(
    {"text": plain(75), "workflow": anything, "action_id": IDENTIFIER},
    {"style": one_of("primary", "danger"), "accessibility_label": string(75)},
)
FEEDBACK_BUTTON = Shape(
    {"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)}
)
FEEDBACK_BUTTONS = _control(
    {"positive_button": FEEDBACK_BUTTON, "negative_button": FEEDBACK_BUTTON}
)
ICON_BUTTON = _control(
    {"icon": one_of("trash"), "text": plain(75)},
    value=string(2000),
    confirm=CONFIRM,
    accessibility_label=string(75),
    visible_to_user_ids=items(10, ID),
)

_MANY = whole_number(1, 100)
MENUS: dict[str, Rule] = {
    "static_select": _static_menu(initial_option=OPTION),
    "external_select": _menu(initial_option=OPTION, min_query_length=whole_number(0, 100)),
    "users_select": _menu(initial_user=ID),
    "conversations_select": _menu(
        initial_conversation=ID,
        default_to_current_conversation=flag,
        response_url_enabled=flag,
        filter=CONVERSATION_FILTER,
    ),
    "channels_select": _menu(initial_channel=ID, response_url_enabled=flag),
}
MULTI_MENUS: dict[str, Rule] = {
    "multi_static_select": _static_menu(
        initial_options=items(100, OPTION), max_selected_items=_MANY
    ),
    "multi_external_select": _menu(
        initial_options=items(100, OPTION),
        min_query_length=whole_number(0, 100),
        max_selected_items=_MANY,
    ),
    "multi_users_select": _menu(initial_users=items(100, ID), max_selected_items=_MANY),
    "multi_conversations_select": _menu(
        initial_conversations=items(100, ID),
        default_to_current_conversation=flag,
        filter=CONVERSATION_FILTER,
        max_selected_items=_MANY,
    ),
    "multi_channels_select": _menu(initial_channels=items(100, ID), max_selected_items=_MANY),
}
CHOICES: dict[str, Rule] = {
    "checkboxes": _control(
        {"options": items(10, MARKED_OPTION)},
        initial_options=items(10, MARKED_OPTION),
        confirm=CONFIRM,
        focus_on_load=flag,
    ),
    "radio_buttons": _control(
        {"options": items(10, MARKED_OPTION)},
        initial_option=MARKED_OPTION,
        confirm=CONFIRM,
        focus_on_load=flag,
    ),
    "datepicker": _menu(initial_date=DATE),
    "timepicker": _menu(initial_time=TIME, timezone=string(100)),
}
DATE_TIME_PICKER = _control(
    initial_date_time=whole_number(1_000_000_000, 9_999_999_999),
    confirm=CONFIRM,
    focus_on_load=flag,
)
WRITTEN_INPUTS: dict[str, Rule] = {
    "plain_text_input": _input(
        initial_value=string(3000, least=0),
        multiline=flag,
        min_length=whole_number(0, 3000),
        max_length=whole_number(1, 3000),
        dispatch_action_config=DISPATCH_CONFIG,
    ),
    "email_text_input": _input(
        initial_value=string(3000, least=0), dispatch_action_config=DISPATCH_CONFIG
    ),
    "url_text_input": _input(
        initial_value=string(3000, least=0), dispatch_action_config=DISPATCH_CONFIG
    ),
    "number_input": Shape(
        {"is_decimal_allowed": flag},
        {
            "action_id": IDENTIFIER,
            "initial_value": string(100, least=0),
            "min_value": string(100),
            "max_value": string(100),
            "dispatch_action_config": DISPATCH_CONFIG,
            "focus_on_load": flag,
            "placeholder": plain(150),
        },
    ),
}
FILE_INPUT = _control(filetypes=items(100, string(20)), max_files=whole_number(1, 10))

IN_SECTION = typed(
    {"button": BUTTON, "image": IMAGE, "overflow": OVERFLOW, "workflow_button": WORKFLOW_BUTTON}
    | MENUS
    | MULTI_MENUS
    | CHOICES
)
IN_ACTIONS = typed(
    {
        "button": BUTTON,
        "overflow": OVERFLOW,
        "workflow_button": WORKFLOW_BUTTON,
        "datetimepicker": DATE_TIME_PICKER,
    }
    | MENUS
    | CHOICES
)
IN_CONTEXT = typed(
    {
        "image": IMAGE,
        "plain_text": Shape({"text": string(3000)}, {"emoji": flag}),
        "mrkdwn": Shape({"text": string(3000)}, {"verbatim": flag}),
    }
)
IN_CONTEXT_ACTIONS = typed({"feedback_buttons": FEEDBACK_BUTTONS, "icon_button": ICON_BUTTON})
