"""Finding the button or input a person means, and what Slack's client checks before submitting."""

from __future__ import annotations

from bot.sandbox.block_kit import controls
from bot.sandbox.choices import Choice, is_empty
from bot.sandbox.errors import ActRefusedError
from bot.sandbox.records import Json, View


def feedback_half(element: Json, button: str, choice: Choice, value: str | None) -> Json:
    wanted = {str(one) for one in (button, choice, value) if one is not None}
    for side in ("positive_button", "negative_button"):
        half = element[side]
        if wanted & {half["text"]["text"], half["value"]}:
            return {"text": half["text"], "value": half["value"]}
    raise ActRefusedError("Say which of the two: give its label or value.")


def labels(element: Json) -> list[str]:
    sides = (element.get("positive_button"), element.get("negative_button"))
    texts = (
        element.get("text"),
        element.get("placeholder"),
        *((side or {}).get("text") for side in sides),
    )
    return [text["text"] for text in texts if isinstance(text, dict)]


def find_control(
    blocks: list[Json], button: str, value: str | None, block_id: str | None
) -> tuple[Json, Json]:
    """The control by action id, or else by its label."""
    present = [
        (block, element)
        for block in blocks
        if block_id in (None, block.get("block_id"))
        for element in controls(block)
    ]
    for matches in (
        lambda element: element.get("action_id") == button,
        lambda element: button in labels(element),
    ):
        for block, element in present:
            if matches(element) and value in (None, element.get("value"), *_values(element)):
                return block, element
    offered = [f"{element.get('action_id')} {labels(element)}" for _, element in present]
    raise ActRefusedError(
        f"There is no {button!r} to press, only: {', '.join(offered) or 'nothing'}."
    )


def _values(element: Json) -> list[str]:
    sides = (element.get("positive_button"), element.get("negative_button"))
    return [side["value"] for side in sides if isinstance(side, dict)]


def find_input(blocks: list[Json], key: str) -> tuple[Json, Json]:
    found = [
        (block, element)
        for block in blocks
        for element in controls(block)
        if key
        in (
            f"{block.get('block_id')}/{element.get('action_id')}",
            block.get("block_id"),
            element.get("action_id"),
        )
    ]
    if len(found) == 1:
        return found[0]
    inputs = [
        f"{block.get('block_id')}/{element.get('action_id')}"
        for block in blocks
        for element in controls(block)
    ]
    problem = "stands for several inputs" if found else "is no input of this modal"
    raise ActRefusedError(f"{key!r} {problem}; there are: {', '.join(inputs) or 'none'}.")


def refuse_gaps(view: View) -> None:
    """Slack's client does not submit while a required input is empty."""
    if not view.payload.get("submit"):
        raise ActRefusedError("This modal has no submit button.")
    for block in view.payload["blocks"]:
        if block["type"] != "input" or block.get("optional"):
            continue
        element = block["element"]
        value = view.state.get(block["block_id"], {}).get(element["action_id"])
        if is_empty(value):
            label = block["label"]["text"]
            raise ActRefusedError(f"{label!r} must be filled in ({block['block_id']}).")
