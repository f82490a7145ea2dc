from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.block_kit import check_message_blocks, check_view, with_ids

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain("Go"), **more}


def section(text: str = "words", **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def field(element: Json | None = None, **more: Any) -> Json:
    element = element or {"type": "plain_text_input", "action_id": "a"}
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def rich(*elements: Json) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(elements)}],
    }


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks), **more}


def options(count: int, value: str = "v") -> list[Json]:
    return [{"text": plain(f"Option {n}"), "value": f"{value}{n}"} for n in range(count)]


FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "rate",
    "positive_button": {"text": plain("Good"), "value": "up"},
    "negative_button": {"text": plain("Bad"), "value": "down"},
}
GOOD_BLOCKS: list[Json] = [
    section(accessory=button(style="primary", value="x" * 2000)),
    {"type": "section", "fields": [plain("x" * 2000)] * 10},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
    {"type": "actions", "elements": [button(action_id=f"b{n}") for n in range(25)]},
    {
        "type": "actions",
        "elements": [{"type": "static_select", "action_id": "s", "options": options(100)}],
    },
    {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "a picture"},
    {"type": "markdown", "text": "**bold** " * 1000},
    {"type": "context_actions", "elements": [FEEDBACK]},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}]]},
    rich(
        {"type": "text", "text": "hi", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}
    ),
    field(),
]


@pytest.mark.parametrize("block", GOOD_BLOCKS, ids=lambda block: block["type"])
def test_a_block_within_the_limits_is_taken(block: Json) -> None:
    assert check_message_blocks([block]) == []


BAD_BLOCKS: list[tuple[Json, str]] = [
    ({"type": "sectoin"}, "unsupported type: sectoin [json-pointer:/blocks/0/type]"),
    ({"text": plain("x")}, "missing required field: type [json-pointer:/blocks/0]"),
    (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section"}, "one of text and fields is required"),
    ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items allowed"),
    (section(colour="red"), "invalid additional property: colour"),
    ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "unsupported type: mrkdwn"),
    ({"type": "actions", "elements": [button()] * 26}, "no more than 25 items allowed"),
    ({"type": "actions", "elements": [button(), button()]}, "action_id must be unique"),
    ({"type": "actions", "elements": []}, "no fewer than 1 items allowed"),
    (
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
        "no more than 10 items allowed",
    ),
    (section(accessory=button(text=plain("x" * 76))), "must be less than 76 characters"),
    (section(accessory=button(value="x" * 2001)), "must be less than 2001 characters"),
    (section(accessory=button(action_id="x" * 256)), "must be less than 256 characters"),
    (section(accessory=button(style="pink")), "must be one of: primary, danger"),
    (section(block_id="x" * 256), "must be less than 256 characters"),
    (section(accessory={"type": "plain_text_input"}), "unsupported type: plain_text_input"),
    (
        section(accessory={"type": "static_select", "options": options(101)}),
        "no more than 100 items allowed",
    ),
    (
        section(accessory={"type": "static_select", "options": options(1, "x" * 150)}),
        "must be less than 151 characters",
    ),
    (section(accessory={"type": "static_select"}), "exactly one of options and option_groups"),
    (
        section(accessory={"type": "overflow", "options": options(6)}),
        "no more than 5 items allowed",
    ),
    (field(hint=plain("x" * 2001)), "must be less than 2001 characters"),
    (field({"type": "file_input"}), "unsupported type: file_input"),
    ({"type": "markdown", "text": "x" * 12_001}, "must be less than 12001 characters"),
    (rich({"type": "text", "text": ""}), "must be more than 0 characters"),
    (rich({"type": "bold", "text": "x"}), "unsupported type: bold"),
    ({"type": "image", "image_url": "https://a.example"}, "missing required field: alt_text"),
]


@pytest.mark.parametrize(
    ("block", "complaint"), BAD_BLOCKS, ids=[bad[1][:40] for bad in BAD_BLOCKS]
)
def test_a_block_beyond_the_limits_is_refused_with_its_place(block: Json, complaint: str) -> None:
    findings = check_message_blocks([block])
    assert any(complaint in finding for finding in findings), findings
    assert all(finding.startswith("[ERROR] ") for finding in findings)


def test_a_message_takes_fifty_blocks_and_a_modal_a_hundred() -> None:
    assert check_message_blocks([section()] * 50) == []
    assert "no more than 50 items allowed" in check_message_blocks([section()] * 51)[0]
    assert check_view(modal(*[section()] * 100), "modal") == []
    assert "no more than 100 items allowed" in check_view(modal(*[section()] * 101), "modal")[0]


def test_two_blocks_may_not_share_an_id() -> None:
    findings = check_message_blocks([section(block_id="x"), section(block_id="x")])
    assert findings == ["[ERROR] block_id 'x' already exists [json-pointer:/blocks/1/block_id]"]


def test_markdown_blocks_share_one_budget() -> None:
    assert check_message_blocks([{"type": "markdown", "text": "x" * 7000}] * 2)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "markdown", "text": "x"},
        {"type": "context_actions", "elements": [FEEDBACK]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]},
    ],
    ids=lambda block: block["type"],
)
@pytest.mark.parametrize("surface", ["modal", "home"])
def test_blocks_for_messages_only_are_refused_elsewhere(block: Json, surface: str) -> None:
    view = modal(block) if surface == "modal" else {"type": "home", "blocks": [block]}
    assert f"unsupported type: {block['type']}" in check_view(view, surface)[0]


@pytest.mark.parametrize(
    ("view", "complaint"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title"),
        (modal(field()), "missing required field: submit"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters"),
        (modal(close=plain("")), "must be more than 0 characters"),
        (modal(private_metadata="x" * 3001), "must be less than 3001 characters"),
        (modal(callback_id="x" * 256), "must be less than 256 characters"),
        ({"type": "modal", "blocks": []}, "missing required field: title"),
        ({"type": "home", "blocks": []}, "must be one of: modal"),
        ("words", "must be an object"),
    ],
)
def test_a_modal_beyond_the_limits_is_refused(view: object, complaint: str) -> None:
    findings = check_view(view, "modal")
    assert any(complaint in finding for finding in findings), findings


def test_files_are_asked_for_in_modals() -> None:
    view = modal(field({"type": "file_input", "action_id": "f"}), submit=plain("Send"))
    assert check_view(view, "modal") == []


def test_missing_ids_are_made_up_as_slack_does() -> None:
    without = [{"type": "actions", "elements": [{"type": "button", "text": plain("Go")}]}]
    completed = with_ids(without)
    assert completed[0]["block_id"]
    assert completed[0]["elements"][0]["action_id"]
    assert "block_id" not in without[0]
