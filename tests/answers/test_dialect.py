"""The documentation's components, as a reader of our product sees them."""

from __future__ import annotations

import pytest

from bot.answers.dialect import plain_lines


def seen(text: str, language: str = "en", **variables: str) -> str:
    return "\n".join(line.text for line in plain_lines(text, language, variables))


def test_content_for_another_product_is_dropped() -> None:
    text = 'a\n<CustomContent platform="tidb">\nsecret\n</CustomContent>\nb'
    assert "secret" not in seen(text)


def test_content_for_our_product_is_kept() -> None:
    text = '<CustomContent platform="tidb-cloud">\nours\n</CustomContent>'
    assert "ours" in seen(text)


def test_content_inside_a_sentence_is_chosen_too() -> None:
    text = 'Go <CustomContent platform="tidb">down</CustomContent>up.'
    assert seen(text) == "Go up."


def test_content_inside_a_table_cell_is_chosen_by_language() -> None:
    text = (
        '| a | <CustomContent language="en,zh">yes</CustomContent>'
        '<CustomContent language="ja">no</CustomContent> |'
    )
    assert seen(text, "zh") == "| a | yes |"
    assert seen(text, "ja") == "| a | no |"


def test_alternatives_for_plans_stand_side_by_side() -> None:
    text = (
        'Open <CustomContent plan="starter">the instance</CustomContent>'
        '<CustomContent plan="dedicated">the cluster</CustomContent>.'
    )
    assert seen(text) == "Open the instance / the cluster."


def test_nested_content_ends_with_its_own_tag() -> None:
    text = (
        '<CustomContent platform="tidb">\nx\n<CustomContent plan="premium">\ny\n'
        "</CustomContent>\nz\n</CustomContent>\nkept"
    )
    assert seen(text).strip() == "kept"


def test_a_block_for_a_plan_says_so() -> None:
    lines = list(plain_lines('<CustomContent plan="byoc">\nonly there\n</CustomContent>', "en", {}))
    assert "*(BYOC)*" in [line.text for line in lines]
    assert next(line for line in lines if line.text == "only there").plans == ("byoc",)


def test_the_label_of_a_tab_becomes_text_and_is_reported() -> None:
    lines = list(plain_lines('<SimpleTab>\n<div label="On a Mac">\n\nx\n</div>', "en", {}))
    assert [line.tab for line in lines if line.tab and line.text] == ["On a Mac"]
    assert "**On a Mac**" in [line.text for line in lines]


def test_text_trapped_inside_an_icon_is_kept() -> None:
    assert seen('<mdsvgicon name="x">設定を開く</mdsvgicon>', "ja") == "設定を開く"


def test_comments_go_also_over_several_lines() -> None:
    assert seen("a <!-- x --> b\n<!-- y\nz -->\nc").split() == ["a", "b", "c"]


def test_pictures_go() -> None:
    assert seen("see ![a (b)](/media/x-(1).png) here") == "see  here"


@pytest.mark.parametrize("fence", ["```", "~~~", "````"])
def test_code_is_left_alone(fence: str) -> None:
    code = f'{fence}html\n<CustomContent platform="tidb">\n<!-- x -->\n{fence}'
    assert seen(code) == code


def test_code_in_a_sentence_is_left_alone() -> None:
    assert seen("use `<br>` and ``a ` <!-- b``") == "use `<br>` and ``a ` <!-- b``"


def test_a_placeholder_is_no_tag() -> None:
    assert seen("type <cluster_id> or <your-name>") == "type <cluster_id> or <your-name>"


def test_variables_are_filled_and_short_codes_dropped() -> None:
    text = '{{< copyable "sql" >}}\n{{{ .starter }}} and {{{ unknown }}}'
    assert seen(text, starter="Starter Plan").strip() == "Starter Plan and unknown"


def test_an_html_table_becomes_rows_with_spans_repeated() -> None:
    text = (
        "<table>\n<tr><th>Plan</th><th>Hours</th></tr>\n"
        '<tr><td rowspan="2">Basic</td><td>8</td></tr>\n<tr><td>9<br/>10</td></tr>\n</table>'
    )
    rows = [line for line in seen(text).split("\n") if line]
    assert rows == [
        "| Plan | Hours |",
        "| --- | --- |",
        "| Basic | 8 |",
        "| Basic | 9; 10 |",
    ]


def test_a_huge_span_does_not_fill_the_memory() -> None:
    assert len(seen('<table><tr><td colspan="999999999">x</td></tr></table>')) < 1_000
