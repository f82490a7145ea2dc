"""What the page shows to whom."""

from __future__ import annotations

import pytest
from block_kinds import button, every_input, every_message_block, modal, mrkdwn, plain, question
from page_visitor import Element, Visitor, elements
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox
from bot.sandbox.workspace import Workspace

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"


def only(found: list[Element]) -> Element:
    assert len(found) == 1, found
    return found[0]


def message(html: str, words: str) -> Element:
    return only([one for one in elements(html, "article") if words in one.words])


def test_a_person_sees_their_own_channels_and_who_is_from_outside(
    hana: Visitor, mika: Visitor
) -> None:
    sidebar = hana.pane("sidebar", "#ext-kitsune")
    assert "ext-kitsune" in sidebar
    assert "support-desk" not in sidebar
    assert "ext-borealis" not in sidebar
    assert "External member" in sidebar
    assert "External member" not in mika.pane("sidebar")
    chips = elements(hana.pane("people"), "a", class_="chip")
    outside = [chip.words for chip in chips if "ext" in chip.words.split()]
    assert ["Hana" in words for words in outside] == [True, False, False]
    assert len(chips) == 5


def test_a_channel_one_is_not_in_is_not_shown(hana: Visitor, sandbox: Sandbox) -> None:
    sandbox.say("leo", "#ext-borealis", "our secret")
    sandbox.say("mika", "#support-desk", "internal words")
    for channel in ("#ext-borealis", "#support-desk"):
        page = hana.page(channel)
        assert "our secret" not in page
        assert "internal words" not in page
        assert "very beginning of #ext-kitsune" in page


def test_looking_through_other_eyes_keeps_the_conversation_where_both_are(
    hana: Visitor, sandbox: Sandbox
) -> None:
    ts = sandbox.say("hana", "#ext-kitsune", "hello").ts
    chips = elements(hana.page("#ext-kitsune", thread=ts), "a", class_="chip")
    by_name = {name: chip.attributes["href"] for chip in chips for name in chip.words.split()}
    assert f"thread={ts}" in by_name["Mika"]
    assert hana.channel("#ext-kitsune") in by_name["Mika"]
    assert "channel" not in by_name["Leo"]


def test_authors_carry_their_organisation_when_it_is_not_the_readers(
    hana: Visitor, mika: Visitor, sandbox: Sandbox, client: WebClient
) -> None:
    sandbox.say("hana", "#ext-kitsune", "from the customer")
    sandbox.say("mika", "#ext-kitsune", "from the staff")
    client.chat_postMessage(channel=hana.channel("#ext-kitsune"), text="from the app")
    seen = hana.pane("messages", "#ext-kitsune")
    assert "TiDB Cloud Support" in message(seen, "from the staff").words
    assert "Kitsune" not in message(seen, "from the customer").words
    assert "APP" in message(seen, "from the app").words
    seen = mika.pane("messages", "#ext-kitsune")
    assert "Kitsune Games" in message(seen, "from the customer").words
    assert "TiDB Cloud Support" not in message(seen, "from the staff").words


def test_times_are_the_readers_own(workspace: Workspace, hana: Visitor, mika: Visitor) -> None:
    workspace.clock = lambda: 1_790_000_000.0  # 2026-09-21 14:13:20 UTC
    workspace.last_ts = 0
    hana.sandbox.say("hana", "#ext-kitsune", "hello")
    assert "23:13" in message(hana.pane("messages", "#ext-kitsune"), "hello").words
    assert "22:13" in message(mika.pane("messages", "#ext-kitsune"), "hello").words


def test_what_only_one_person_sees_is_on_their_page_alone(
    hana: Visitor, mika: Visitor, client: WebClient
) -> None:
    channel = hana.channel("#ext-kitsune")
    client.chat_postEphemeral(channel=channel, user=hana.id, text="just for you")
    mine = message(hana.pane("messages", "#ext-kitsune"), "just for you")
    assert "Only visible to you" in mine.words
    assert "just for you" not in mika.pane("messages", "#ext-kitsune")


def test_a_thread_is_counted_in_the_channel_and_shown_beside_it(
    hana: Visitor, sandbox: Sandbox
) -> None:
    ts = sandbox.say("hana", "#ext-kitsune", "a question").ts
    sandbox.say("mika", "#ext-kitsune", "an answer", thread_ts=ts)
    channel = hana.pane("messages", "#ext-kitsune")
    assert "an answer" not in channel
    link = only(elements(channel, "a", class_="replies"))
    assert "1 reply" in link.words
    assert link.attributes["href"].endswith(f"thread={ts}")
    thread = hana.pane("thread", "#ext-kitsune", thread=ts)
    assert [("question" in one.words) for one in elements(thread, "article")] == [True, False]


def test_edits_pins_and_deleted_roots_are_marked(hana: Visitor, sandbox: Sandbox) -> None:
    edited = sandbox.say("hana", "#ext-kitsune", "frist").ts
    sandbox.edit("hana", "#ext-kitsune", edited, "first")
    sandbox.pin("mika", "#ext-kitsune", edited)
    root = sandbox.say("hana", "#ext-kitsune", "to be deleted").ts
    sandbox.say("hana", "#ext-kitsune", "reply", thread_ts=root)
    sandbox.delete("hana", "#ext-kitsune", root)
    seen = hana.pane("messages", "#ext-kitsune")
    first = message(seen, "first").words
    assert "(edited)" in first
    assert "Pinned" in first
    assert "to be deleted" not in seen
    assert "This message was deleted." in seen
    assert "first" in only(elements(hana.pane("head", "#ext-kitsune"), class_="pins")).words


def test_unread_marks_last_until_one_looks(hana: Visitor, mika: Visitor, sandbox: Sandbox) -> None:
    def has_news() -> bool:
        chips = elements(mika.pane("people"), "a", class_="chip")
        return any("Hana" in chip.words and "unread" in chip.words for chip in chips)

    assert not has_news()
    sandbox.say("mika", "#ext-kitsune", "hello @hana")
    assert has_news()
    arun = Visitor(sandbox, "arun").pane("sidebar", "#support-desk")
    marked = only(elements(arun, "a", class_="unread"))
    assert marked.words.split() == ["ext-kitsune", "1", "unread"]
    assert not elements(mika.pane("sidebar", "#support-desk"), "a", class_="unread")
    hana.pane("messages", "#ext-kitsune")
    assert not has_news()


def test_replies_are_news_only_to_those_in_the_thread(hana: Visitor, sandbox: Sandbox) -> None:
    arun = Visitor(sandbox, "arun")
    ts = sandbox.say("hana", "#ext-kitsune", "a question").ts
    for visitor in (hana, arun):
        visitor.pane("messages", "#ext-kitsune")
    sandbox.say("mika", "#ext-kitsune", "an answer", thread_ts=ts)
    assert elements(hana.pane("messages", "#ext-kitsune"), "a", class_="has-new")
    assert not elements(arun.pane("messages", "#ext-kitsune"), "a", class_="has-new")
    hana.pane("thread", "#ext-kitsune", thread=ts)
    assert not elements(hana.pane("messages", "#ext-kitsune"), "a", class_="has-new")


def test_every_block_kind_is_drawn(hana: Visitor, client: WebClient) -> None:
    blocks = every_message_block("words", hana.id)
    client.chat_postMessage(channel=hana.channel("#ext-kitsune"), text="all", blocks=blocks)
    seen = hana.pane("messages", "#ext-kitsune")
    assert "@Hana Mori" in seen
    assert only(elements(seen, "button", data_action="go")).attributes["data-value"] == "words"
    assert only(elements(seen, "a", data_action="read")).attributes["href"].startswith("https:")
    assert only(elements(seen, "select", data_action="pick"))
    assert len(elements(seen, "button", data_action="vote")) == 2
    assert len(elements(seen, "button", data_action="more")) == 2
    assert not elements(seen, "img")


def test_every_input_is_drawn_with_a_label(hana: Visitor, sandbox: Sandbox) -> None:
    sandbox.workspace.views.open(hana.id, modal(*every_input("words")))
    form = hana.pane("modal")
    inputs = [one for one in elements(form) if "data-input" in one.attributes]
    assert len(inputs) == len(every_input("words"))
    labels = {one.attributes.get("for") for one in elements(form, "label")}
    names = {one.attributes["id"] for one in elements(form) if one.attributes.get("id", "")}
    for one in inputs:
        assert one.attributes.get("id") in labels or one.attributes["aria-labelledby"] in names


def test_hostile_words_are_shown_as_words(
    hana: Visitor, sandbox: Sandbox, workspace: Workspace, client: WebClient
) -> None:
    villain = workspace.add_person(workspace.add_organisation(HOSTILE, "evil"), "villain", HOSTILE)
    channel = workspace.find_channel("#ext-kitsune")
    workspace.rename(channel, HOSTILE, villain)
    channel.purpose = HOSTILE
    workspace.join(channel, villain)
    root = sandbox.upload("villain", channel, f"{HOSTILE}.txt", b"x", text=HOSTILE).ts
    sandbox.react("villain", channel, root, HOSTILE)
    sandbox.pin("villain", channel, root)
    blocks = every_message_block(HOSTILE, villain.id)
    blocks[5]["block_id"] = HOSTILE
    for thread_ts in (None, root):
        client.chat_postMessage(
            channel=channel.id,
            thread_ts=thread_ts,
            text=HOSTILE,
            username=HOSTILE,
            blocks=blocks,
        )
    link = button("Read", "read", url="javascript:alert(1)")
    client.chat_postMessage(
        channel=channel.id, text="x", blocks=[{"type": "actions", "elements": [link]}]
    )
    form = modal(*every_input(HOSTILE), question(HOSTILE, HOSTILE, {"type": "plain_text_input"}))
    form["title"] = plain(HOSTILE)
    view = workspace.views.open(hana.id, form)
    workspace.views.show_errors(view, {HOSTILE: HOSTILE})
    workspace.views.publish_home(hana.id, {"type": "home", "blocks": blocks})

    pages = [
        hana.page(thread=root, channel=channel.id),
        hana.page(tab="home"),
        hana.pane("editor", channel.id, ts=root),
        Visitor(sandbox, "villain").page(channel.id),
    ]
    assert pages[0].count("&lt;script&gt;") > 50
    for page in pages:
        scripts = [one.attributes.get("src") for one in elements(page, "script")]
        assert scripts in ([], ["/page/page.js"])
        for one in elements(page):
            assert not [name for name in one.attributes if name.startswith("on")]
            assert "style" not in one.attributes
            assert not one.attributes.get("href", "").startswith("javascript")
            if one.tag == "img":
                assert one.attributes["src"].startswith("/page/file/")


def test_nothing_is_loaded_from_elsewhere(hana: Visitor) -> None:
    reply = hana.get("/")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "unsafe" not in reply.headers["content-security-policy"]
    sheet = hana.get("/page/page.css").text
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_a_file_is_for_those_who_share_a_channel_with_it(hana: Visitor, sandbox: Sandbox) -> None:
    sandbox.upload("hana", "#ext-kitsune", "page.html", b"<script>alert(1)</script>")
    file = next(iter(sandbox.workspace.files.everything()))
    reply = hana.get(f"/page/file/{file.id}")
    assert reply.body == b"<script>alert(1)</script>"
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["content-type"] == "application/octet-stream"
    assert Visitor(sandbox, "leo").get(f"/page/file/{file.id}").status == 403
    assert hana.get("/page/file/F404").status == 404


def test_empty_places_say_what_will_be_there(hana: Visitor) -> None:
    assert "very beginning of #ext-kitsune" in hana.page("#ext-kitsune")
    assert "has not published a home" in hana.page(tab="home")
    assert "Just you and supportbot" in hana.page(tab="messages")


@pytest.mark.parametrize("query", ["person=U404", "channel=C404", "thread=1.000001", "tab=no"])
def test_an_address_of_what_is_gone_shows_the_nearest_that_exists(
    hana: Visitor, query: str
) -> None:
    reply = hana.fetch(f"/?{query}")
    assert reply.status == 200
    assert "Message #ext-kitsune" in reply.text


def test_the_home_shows_what_the_app_published(hana: Visitor, client: WebClient) -> None:
    blocks = [{"type": "section", "text": mrkdwn("*Your desk*")}]
    client.views_publish(user_id=hana.id, view={"type": "home", "blocks": blocks})
    assert "<b>Your desk</b>" in hana.pane("home", tab="home")


def test_a_messages_own_address_leads_to_its_thread_through_the_same_eyes(
    hana: Visitor, sandbox: Sandbox
) -> None:
    root = sandbox.say("hana", "#ext-kitsune", "it is slow")
    reply = sandbox.say("mika", "#ext-kitsune", "since when?", thread_ts=root.ts)
    channel = sandbox.workspace.find_channel("ext-kitsune").id
    person = sandbox.workspace.find_person("hana").id
    for ts in (root.ts, reply.ts):
        led = hana.fetch(f"/archives/{channel}/p{ts.replace('.', '')}?person={person}")
        assert led.status == 303
        assert led.headers["location"] == f"/?person={person}&channel={channel}&thread={root.ts}"
        assert "since when?" in hana.fetch(led.headers["location"]).text
    for gone in (f"{channel}/p1000000000000000", "C0/p1", f"{channel}/p"):
        assert hana.fetch(f"/archives/{gone}?person={person}").status == 404
