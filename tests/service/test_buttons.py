"""No dead buttons: whatever the templates offer, somebody listens to it and knows what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.content.folder import Content
from bot.desk.arrivals import ButtonPressed
from bot.desk.errors import NotAllowed
from bot.sandbox.block_kit import controls
from bot.service.forms import Forms
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.presses import Presses
from bot.service.recalls import NOT_NEEDED
from bot.service.staff import STAFF_BUTTONS
from bot.service.staff_forms import STAFF_FORMS
from bot.service.ticketing import Actor
from bot.storage.tables import GivenAnswer, SupportRequest
from bot.storage.unit_of_work import UnitOfWork, work
from tests.content.samples import Samples
from tests.support.house import STAFF, US

LEO = Actor("U2LEO", "Leo Strand")


def offered(content: Content) -> Iterator[str]:
    """The action ids of everything that the templates let people press."""
    for name, cases in Samples(content, "en", long=False).all().items():
        kind, _, file = name.partition("/")
        for values in cases:
            if kind == "messages":
                blocks = content.templates.message(file, "en", **values).blocks
            elif kind == "modals":
                blocks = content.templates.modal(file, "en", **values)["blocks"]
            else:
                blocks = content.templates.home(file, "en", **values)["blocks"]
            for block in blocks:
                if block["type"] != "input":
                    for element in controls(block):
                        yield from actions_of(element)


def actions_of(element: dict[str, Any]) -> Iterator[str]:
    """The action of a button, or those of a menu's options."""
    if element["action_id"].startswith("menu."):
        yield from (option["value"].partition("|")[0] for option in element["options"])
    else:
        yield element["action_id"]


FOR_STAFF = (*STAFF_BUTTONS, *(f"form.{name}" for name in STAFF_FORMS), "form.link",
             "do.announce:send", "do.announce:cancel", NOT_NEEDED)  # fmt: skip


def _request(uow: UnitOfWork, house: House) -> int:
    account = uow.accounts.of_channel("C1")
    assert account is not None
    return uow.requests.add(
        SupportRequest(
            account_id=account.id,
            origin="o",
            requester=LEO.user,
            requester_name=LEO.name,
            channel="C1",
            thread_ts="1.0",
            intent="get_cluster_support",
            queue="support",
            severity="S2",
            state="new",
            summary="slow",
            fields={},
            language="en",
            staff_channel=STAFF,
            promised_minutes=60,
            opened_at=house.clock(),
            updated_at=house.clock(),
        )
    ).id


@pytest.fixture(scope="session")
def actions(content: Content) -> list[str]:
    return sorted({re.sub(r"SUP-\d+", "SUP-1001", action) for action in offered(content)})


def test_the_templates_offer_something(actions: list[str]) -> None:
    assert {"do.status", "form.open:get_cluster_support", *FOR_STAFF} <= set(actions)


def test_every_button_belongs_to_a_listener(actions: list[str]) -> None:
    assert [action for action in actions if not re.match(r"(do|form|link)\.", action)] == []


def test_every_button_of_customers_does_something(house: House, actions: list[str]) -> None:
    # `do.ask` shows a page of the documentation, which this house has not.
    ours = [a for a in actions if a.startswith("do.") and not a.startswith("do.ask:")]
    with work(house.database, house.clock()) as uow:
        _request(uow, house)
    for action in sorted(set(ours) - set(FOR_STAFF)):
        with work(house.database, house.clock()) as uow:
            account = uow.accounts.of_channel("C1")
            assert account is not None
            press = ButtonPressed(
                user=LEO.user, action=action, value=_value(uow, house, action), channel="C1",
                message_ts=f"{action}.0", stamp="1",
            )  # fmt: skip
            posting = Posting(uow, house, f"in:{action}")
            assert Presses(uow, house, posting).press(press, account, LEO), action


def _value(uow: UnitOfWork, house: House, action: str) -> str:
    """What the button carries beside its name."""
    if action.startswith(("do.status:", "do.why:", "do.close:")):
        return action.partition(":")[2]
    if action.startswith(("do.rate", "do.mail")):
        known = uow.requests.by_origin("o")
        request = known or uow.requests.get(_request(uow, house))
        assert request is not None
        uow.ratings.ask(request, timedelta(days=30))
        return str(request.id)
    if not action.startswith("do.helped"):
        return "prod-1"
    account = uow.accounts.of_channel("C1")
    assert account is not None
    given = GivenAnswer(
        account_id=account.id, channel="C1", thread_ts="1.0", band="answer", question="?",
        language="en", at=house.clock(),
    )  # fmt: skip
    return str(uow.add_answer(given))


@pytest.mark.parametrize("action", ["do.nothing", "do.", "do.claims"])
def test_a_button_of_another_version_is_refused_in_words(house: House, action: str) -> None:
    with work(house.database, house.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        press = ButtonPressed(user=LEO.user, action=action, channel="C1", message_ts="1.0")
        with pytest.raises(NotAllowed, match="unknown_button"):
            Presses(uow, house, Posting(uow, house, "in1")).press(press, account, LEO)


def test_every_form_of_customers_opens(house: House, actions: list[str]) -> None:
    for action in actions:
        if action.startswith("form.open"):
            press = ButtonPressed(user=LEO.user, action=action, channel="C1", message_ts="1.0")
            view = Forms(house).view(press)
            assert view["callback_id"] == f"request:{action.partition(':')[2]}"


@pytest.mark.parametrize("action", [f"form.{name}" for name in STAFF_FORMS])
def test_every_form_of_staff_opens_for_staff_only(house: House, action: str) -> None:
    with work(house.database, house.clock()) as uow:
        number = str(_request(uow, house))
    press = ButtonPressed(
        user="U1MIKA", team=US.team, action=action, value=number, channel=STAFF, message_ts="1.0"
    )
    view = Forms(house).view(press)
    assert view["callback_id"] in STAFF_FORMS
    for outsider in (
        ButtonPressed(user="U9", team="T9", action=action, value=number, channel=STAFF),
        ButtonPressed(user="U1MIKA", team=US.team, action=action, value=number, channel="C1"),
    ):
        with pytest.raises(NotAllowed):
            Forms(house).view(outsider)


def test_an_admin_is_asked_whose_channel_it_is(house: House) -> None:
    press = ButtonPressed(
        user="U1MIKA", team=US.team, action="form.link", value="C7", channel=STAFF
    )
    assert Forms(house).view(press)["callback_id"] == "link"
