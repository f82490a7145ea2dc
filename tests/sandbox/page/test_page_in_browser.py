"""One customer's way through the page, in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from block_kinds import button, modal, mrkdwn, option, question
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.sandbox.server import Sandbox

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
Page = playwright.Page
Body = dict[str, Any]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
TOPIC = {
    "type": "static_select",
    "action_id": "topic",
    "options": [option("Question"), option("Fault")],
}


@pytest.fixture
def page(sandbox: Sandbox) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the page was not tried in a browser")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(5000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{sandbox.page_url}?person={sandbox.workspace.find_person('hana').id}")
        yield page
        browser.close()
        assert faults == []


@pytest.fixture
def submitted(app: App, client: WebClient, connect: Callable[[], object]) -> list[Body]:
    """A bot that answers in a thread with a button, which opens a form."""
    received: list[Body] = []

    @app.event("message")
    def answer(event: Body) -> None:
        if event.get("thread_ts"):
            return
        client.chat_postMessage(
            channel=event["channel"],
            thread_ts=event["ts"],
            text="Shall we open a request?",
            blocks=[
                {"type": "section", "text": mrkdwn("Shall we open a *request*?")},
                {"type": "actions", "elements": [button("Open a request", "open")]},
            ],
        )

    @app.event("app_mention")
    def mentioned() -> None:
        """The message event is answered already."""

    @app.action("open")
    def open_form(ack: Ack, body: Body) -> None:
        ack()
        topic = {"type": "section", "text": mrkdwn("*Topic*"), "accessory": TOPIC}
        summary = question("Summary", "summary", {"type": "plain_text_input"})
        client.views_open(trigger_id=body["trigger_id"], view=modal(topic, summary))

    @app.action("topic")
    def choose(ack: Ack, body: Body) -> None:
        ack()
        summary = question("Summary", "summary", {"type": "plain_text_input"})
        since = question("Since when", "since", {"type": "plain_text_input"})
        client.views_update(view_id=body["view"]["id"], view=modal(summary, since))

    @app.view("request")
    def submit(ack: Ack, view: Body) -> None:
        received.append(view["state"]["values"])
        if len(received) == 1:
            ack(response_action="errors", errors={"since": "A date, please."})
        else:
            ack()

    connect()
    return received


def test_a_customer_writes_opens_the_thread_presses_a_button_and_fills_in_a_form(
    page: Page, sandbox: Sandbox, submitted: list[Body]
) -> None:
    expect = playwright.expect
    composer = page.get_by_label("Message #ext-kitsune")
    composer.fill("接続できません @sup")
    composer.press("Enter")  # takes the suggested name
    expect(composer).to_have_value("接続できません @supportbot ")
    composer.press("Enter")
    messages = page.get_by_role("log", name="Messages", exact=True)
    expect(messages).to_contain_text("接続できません")
    expect(composer).to_have_value("")

    composer.fill("a half-typed thought")
    page.get_by_role("link", name="1 reply").click()
    thread = page.get_by_role("log", name="Thread messages")
    expect(thread).to_contain_text("Shall we open a request?")
    expect(composer).to_have_value("a half-typed thought")
    page.get_by_label("Reply…").fill("yes")
    page.get_by_label("Reply…").press("Enter")
    expect(thread).to_contain_text("yes")

    thread.get_by_role("button", name="Open a request").click()
    form = page.get_by_role("dialog", name="New request")
    form.get_by_label("Summary").fill("no connection")
    form.get_by_role("combobox").select_option("Fault")
    form.get_by_label("Since when").fill("Monday")
    expect(form.get_by_label("Summary")).to_have_value("no connection")
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("alert").first).to_have_text("A date, please.")
    expect(form.get_by_label("Since when")).to_have_value("Monday")
    form.get_by_label("Since when").fill("2026-11-23")
    form.get_by_label("Since when").press("Enter")
    expect(form).to_be_hidden()
    assert submitted[-1]["since"]["value"]["value"] == "2026-11-23"

    sandbox.say("mika", "#ext-kitsune", "On my way.")
    expect(messages).to_contain_text("On my way.")
    page.get_by_role("link", name="Mika Tan").click()
    expect(page.get_by_role("heading", name="Mika Tan")).to_be_visible()


def test_a_link_to_a_message_opens_its_thread_beside_the_channel(
    page: Page, sandbox: Sandbox, client: WebClient
) -> None:
    root = sandbox.say("hana", "#ext-kitsune", "it is slow")
    sandbox.say("mika", "#ext-kitsune", "since when?", thread_ts=root.ts)
    channel = sandbox.workspace.find_channel("ext-kitsune").id
    link = f"{sandbox.page_url}archives/{channel}/p{root.ts.replace('.', '')}"
    client.chat_postMessage(channel=channel, text=f"See <{link}|the thread>")
    page.get_by_text("the thread", exact=True).click()
    page.locator("#thread").get_by_text("since when?").wait_for()
    assert len(page.context.pages) == 1
