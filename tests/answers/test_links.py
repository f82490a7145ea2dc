"""Addresses of pages and sections on the published site."""

from __future__ import annotations

from bot.answers.links import page_url, with_absolute_links


def test_the_address_has_the_file_name_without_its_folder() -> None:
    assert page_url("tidb-cloud/premium/delete.md", "en") == (
        "https://docs.pingcap.com/tidbcloud/delete"
    )


def test_language_plan_and_anchor_are_in_the_address() -> None:
    url = page_url("a.md", "zh", "配置", plan="premium", url_base="https://docs.example.com/")
    assert url == ("https://docs.example.com/zh/tidbcloud/a?plan=premium#%E9%85%8D%E7%BD%AE")


def test_links_between_pages_become_addresses_and_others_stay() -> None:
    text = "[a](/x/b.md#c) [d](#e) [f](https://example.com/g.md) [h](/media/i.png)"
    assert with_absolute_links(text, "x/here.md", "en", "https://d.example") == (
        "[a](https://d.example/tidbcloud/b#c) [d](https://d.example/tidbcloud/here#e) "
        "[f](https://example.com/g.md) h"
    )


def test_brackets_inside_a_link_do_not_break_it() -> None:
    assert with_absolute_links("[**[?]**](/b.md)", "x.md", "en", "https://d.example") == (
        "[**[?]**](https://d.example/tidbcloud/b)"
    )
