"""What reaches the requester's mailbox, through a real mail server: once, or staff are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from bot.desk.arrivals import ButtonPressed, FormSubmitted, MessageDeleted, MessageEdited
from bot.desk.decisions import OpenRequest
from bot.desk.errors import GiveUp, NotAllowed
from bot.desk.meaning import Language
from bot.desk.requests import Request
from bot.desk.roles import Role
from bot.mail import Smtp, as_message
from bot.service.changes import Changes
from bot.service.delivery import Delivery
from bot.service.directory import Directory
from bot.service.house import House
from bot.service.mail_wishes import NO_MAIL, decline_mail, take_address
from bot.service.mails import is_address
from bot.service.mirroring import Mirroring
from bot.service.pacing import Pacing
from bot.service.ports import Mail, Profile
from bot.service.posting import MAIL, Posting
from bot.service.speech import Actor, Said
from bot.service.staff_actions import StaffActions
from bot.service.ticketing import Ticketing
from bot.storage.lanes import outbox_lanes
from bot.storage.unit_of_work import look, work
from tests.support.house import STAFF, Clock, ScriptedSlack
from tests.support.mail_server import Mailbox, parts, serving

SENDER = "support@desk.example"
LEO = "leo@borealis.example"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as started:
        yield started


@pytest.fixture
def desk(house: House, slack: ScriptedSlack) -> House:
    """A desk that sends mail, and knows Leo's address from Slack."""
    slack.profiles["U2LEO"] = Profile("U2LEO", "T1", "Leo", email=LEO)
    Directory(house, slack).meet("U2LEO")
    slack.calls.clear()
    return replace(house, mails=True)


def delivery_of(desk: House, slack: ScriptedSlack, clock: Clock, mailbox: Mailbox) -> Delivery:
    mailer = Smtp(mailbox.url, SENDER, time_out=5)
    return Delivery(desk, slack, outbox_lanes(desk.database), Pacing(clock.seconds), mailer)


@pytest.fixture
def delivery(desk: House, slack: ScriptedSlack, clock: Clock, mailbox: Mailbox) -> Delivery:
    return delivery_of(desk, slack, clock, mailbox)


def open_request(
    desk: House, language: Language = "en", summary: str = "prod-1 is slow"
) -> Request:
    with work(desk.database, desk.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        wanted = OpenRequest(
            intent="get_org_support", queue="billing", summary=summary,
            fields={"severity": "S2"}, origin="C1:1.0:0",
        )  # fmt: skip
        return Ticketing(uow, desk, Posting(uow, desk, "opens")).open(
            wanted, account, Actor("U2LEO", "Leo"), channel="C1", thread="1.0", language=language
        )


def staff_say(desk: House, request: Request, text: str, ts: str, *, note: bool = False) -> None:
    with work(desk.database, desk.clock()) as uow:
        mirror = Mirroring(uow, desk, Posting(uow, desk, f"staff{ts}"))
        said = Said(ts, "U0MIKA", "Mika", text)
        mirror.staff_said(request, said, internal=note, channel=STAFF)


def take_back(desk: House, request: Request, ts: str) -> bool:
    with work(desk.database, desk.clock()) as uow:
        (message,) = uow.requests.messages_at(STAFF, ts)
        mirror = Mirroring(uow, desk, Posting(uow, desk, f"back{ts}"))
        return mirror.take_back(request, message)


def send_all(delivery: Delivery, clock: Clock, rounds: int = 6) -> None:
    """All that is owed, with pauses in which held entries come due."""
    for _ in range(rounds):
        for _ in range(50):
            if not delivery.send_next():
                break
        clock.forward(5)


def mail_states(desk: House) -> list[str]:
    with desk.database.reading() as session:
        query = sa.text("SELECT state FROM outbox WHERE method = :method ORDER BY id")
        return [str(state) for (state,) in session.connection().execute(query, {"method": MAIL})]


@pytest.mark.parametrize(
    ("language", "opened", "answered"),
    [
        ("en", "We have your request", "Mika answered your request"),
        ("ja", "お問い合わせを受け付けました", "Mika より回答いたします"),
        ("zh", "我们已收到您的请求", "Mika 就您的请求"),
    ],
)
def test_confirmation_and_reply_arrive_once_in_the_customers_language(
    desk: House,
    delivery: Delivery,
    clock: Clock,
    mailbox: Mailbox,
    language: Language,
    opened: str,
    answered: str,
) -> None:
    request = open_request(desk, language, "a <b> & 障害\r\nBcc: x@evil.example")
    staff_say(desk, request, "Try &lt;this&gt; &amp; that", "9.0")
    send_all(delivery, clock)
    assert mailbox.to == [[LEO], [LEO]]
    first, second = mailbox.mails
    for mail, sentence in ((first, opened), (second, answered)):
        text, html = parts(mail)
        assert sentence in text
        assert sentence in html
        assert request.number in str(mail["Subject"])
        assert mail["Bcc"] is None
        assert mail["From"] == SENDER
        assert mail["Auto-Submitted"] == "auto-generated"
    text, html = parts(first)
    assert "a <b> & 障害" in text
    assert "a &lt;b&gt; &amp; 障害" in html
    text, html = parts(second)
    assert "Try <this> & that" in text
    assert "Try &lt;this&gt; &amp; that" in html
    assert first["In-Reply-To"] is None
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


def test_a_note_is_never_mailed(
    desk: House, delivery: Delivery, clock: Clock, mailbox: Mailbox
) -> None:
    request = open_request(desk)
    staff_say(desk, request, "between us", "9.0", note=True)
    staff_say(desk, request, "for you", "10.0")
    send_all(delivery, clock)
    assert len(mailbox.mails) == 2
    assert "between us" not in "".join(map(str, mailbox.mails))


def test_a_reply_that_was_taken_back_is_never_mailed(
    desk: House, slack: ScriptedSlack, clock: Clock, mailbox: Mailbox
) -> None:
    desk = replace(desk, undo=clock.now.resolution * 10_000_000)
    delivery = delivery_of(desk, slack, clock, mailbox)
    request = open_request(desk)
    staff_say(desk, request, "too early", "9.0")
    while delivery.send_next():
        pass
    assert take_back(desk, request, "9.0")
    send_all(delivery, clock)
    assert mail_states(desk) == ["sent", "withdrawn"]
    assert len(mailbox.mails) == 1


def test_a_deleted_reply_is_not_mailed_and_an_edited_one_with_its_new_words(
    desk: House, slack: ScriptedSlack, clock: Clock, mailbox: Mailbox
) -> None:
    desk = replace(desk, undo=clock.now.resolution * 10_000_000)
    delivery = delivery_of(desk, slack, clock, mailbox)
    request = open_request(desk)
    staff_say(desk, request, "gone words", "9.0")
    staff_say(desk, request, "old words", "10.0")
    with work(desk.database, desk.clock()) as uow:
        changes = Changes(uow, desk, Posting(uow, desk, "change"))
        changes.deleted(MessageDeleted(user="U0MIKA", channel=STAFF, ts="9.0"))
        changes.edited(
            MessageEdited(user="U0MIKA", channel=STAFF, ts="10.0", text="new words", stamp="11.0")
        )
    send_all(delivery, clock)
    bodies = [parts(mail)[0] for mail in mailbox.mails]
    assert len(bodies) == 2
    assert "new words" in bodies[1]
    assert "gone words" not in "".join(bodies)


def test_staff_hear_of_a_refused_address_and_nothing_is_sent_again(
    desk: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, mailbox: Mailbox
) -> None:
    mailbox.recipient = "550 no such person"
    open_request(desk)
    send_all(delivery, clock)
    told = [text for text in slack.texts() if "550 no such person" in text]
    assert len(told) == 1
    assert "Leo" in told[0]
    assert mail_states(desk) == ["dead"]


@pytest.mark.parametrize("place", ["recipient", "content"])
def test_a_busy_server_is_asked_again(
    desk: House, delivery: Delivery, clock: Clock, mailbox: Mailbox, place: str
) -> None:
    setattr(mailbox, place, "451 later, please")
    open_request(desk)
    send_all(delivery, clock, rounds=2)
    assert mail_states(desk) == ["pending"]
    setattr(mailbox, place, "250 OK")
    send_all(delivery, clock)
    assert len(mailbox.mails) == 1


def test_while_the_server_is_away_slack_goes_on_and_the_order_holds(
    desk: House, slack: ScriptedSlack, clock: Clock
) -> None:
    with serving(Mailbox()) as mailbox:
        pass
    delivery = delivery_of(desk, slack, clock, mailbox)
    request = open_request(desk)
    staff_say(desk, request, "hello", "9.0")
    send_all(delivery, clock, rounds=2)
    assert any("hello" in text for text in slack.texts())
    assert mail_states(desk) == ["pending", "pending"]
    with serving(mailbox):
        send_all(delivery, clock)
    assert [mail["In-Reply-To"] is None for mail in mailbox.mails] == [True, False]


def test_what_may_have_arrived_is_not_repeated_and_staff_hear_of_it(
    desk: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, mailbox: Mailbox
) -> None:
    mailbox.hangs_up = True
    open_request(desk)
    send_all(delivery, clock)
    assert mail_states(desk) == ["dead"]
    assert len(mailbox.mails) == 1
    assert [text for text in slack.texts() if "it may have arrived" in text]


def test_without_a_mail_server_or_an_address_nothing_is_owed(
    desk: House, house: House, slack: ScriptedSlack
) -> None:
    request = open_request(replace(desk, mails=False))
    staff_say(replace(desk, mails=False), request, "hello", "9.0")
    assert mail_states(desk) == []
    with work(house.database, house.clock()) as uow:
        uow.accounts.remember_person("U2LEO", "T1", "Leo", "en")
    staff_say(desk, request, "hello again", "10.0")
    assert mail_states(desk) == []


@pytest.mark.parametrize(
    "address",
    ["", "leo", "leo@borealis", "a@b.example\nBcc: c@d.example", "a@b.example, c@d.example",
     "Leo <leo@b.example>", "レオ@b.example", "a@" + "b" * 260 + ".example"],
)  # fmt: skip
def test_what_is_no_plain_address_is_none(address: str, house: House, slack: ScriptedSlack) -> None:
    assert not is_address(address)
    slack.profiles["U2LEO"] = Profile("U2LEO", "T1", "Leo", email=address)
    Directory(house, slack).meet("U2LEO")
    with look(house.database, house.clock()) as uow:
        person = uow.accounts.person("U2LEO")
    assert person is not None
    assert person.email is None


def test_no_value_breaks_out_of_a_header(clock: Clock) -> None:
    mail = Mail("one", "", LEO, "a\r\nBcc: x@evil.example\x00", "t", "<p>h</p>", clock.now)
    head = as_message(mail, SENDER).as_bytes().partition(b"\r\n\r\n")[0]
    assert not [line for line in head.split(b"\r\n") if line.lower().startswith(b"bcc:")]


def test_a_password_is_not_sent_without_tls(mailbox: Mailbox, clock: Clock) -> None:
    url = mailbox.url.replace("//", "//leo:sesame@")
    mail = Mail("one", "", LEO, "subject", "text", "<p>html</p>", clock.now)
    with pytest.raises(GiveUp, match="offers no TLS"):
        Smtp(url, SENDER, time_out=5).send(mail)
    assert mailbox.mails == []


def test_an_attempt_that_broke_off_while_handing_over_is_not_repeated(
    desk: House, slack: ScriptedSlack, delivery: Delivery, clock: Clock, mailbox: Mailbox
) -> None:
    class Stopped(Exception):
        """The process ends here."""

    class Stopping:
        def send(self, mail: Mail) -> None:
            raise Stopped

    dying = Delivery(desk, slack, outbox_lanes(desk.database), Pacing(clock.seconds), Stopping())
    open_request(desk)
    with pytest.raises(Stopped):
        send_all(dying, clock)
    assert mail_states(desk) == ["sending"]
    clock.forward(600)
    send_all(delivery, clock)
    assert mail_states(desk) == ["dead"]
    assert mailbox.mails == []
    assert [text for text in slack.texts() if "it may have arrived" in text]


@dataclass(frozen=True)
class Customer:
    channel: str
    user: str
    canary: str

    @property
    def address(self) -> str:
        return f"{self.user.lower()}@{self.canary}.example"


CUSTOMERS = (
    Customer("C1", "U2LEO", "canaryours"),
    Customer("C2", "U3ANA", "canarytheirs"),
    Customer("C1", "U4KIM", "canarykim"),
)


def everything_happens(desk: House, one: Customer, number: int) -> None:
    """A request with a reply, a note, a step and a closing note, all with the customer's canary."""
    with work(desk.database, desk.clock()) as uow:
        uow.accounts.remember_person(one.user, "T1", one.user, "en")
        uow.mail_wishes.answer(one.user, one.address)
        account = uow.accounts.of_channel(one.channel)
        assert account is not None
        wanted = OpenRequest(
            intent="request_poc", queue="sales", summary=f"a PoC for {one.canary}",
            fields={"kind": "poc"}, origin=f"{one.channel}:{one.user}:0",
        )  # fmt: skip
        request = Ticketing(uow, desk, Posting(uow, desk, f"opens{number}")).open(
            wanted, account, Actor(one.user, one.user), channel=one.channel,
            thread=f"{number}.0", language="en",
        )  # fmt: skip
    staff_say(desk, request, f"about {one.canary}", f"{number}1.0")
    staff_say(desk, request, f"note {one.canary}", f"{number}2.0", note=True)
    with work(desk.database, desk.clock()) as uow:
        posting = Posting(uow, desk, f"steps{number}")
        mika = Actor("U0MIKA", "Mika")
        acts = StaffActions(uow, desk, posting, request.id, mika, Role.ADMIN)
        acts.approve(note=f"ready for {one.canary}")
        acts.resolve(f"done with {one.canary}")


def test_nobody_is_mailed_the_words_of_another_customer(
    desk: House, delivery: Delivery, clock: Clock, mailbox: Mailbox
) -> None:
    for number, one in enumerate(CUSTOMERS, start=1):
        everything_happens(desk, one, number)
    send_all(delivery, clock, rounds=12)
    for one in CUSTOMERS:
        mails = [mail for mail, to in zip(mailbox.mails, mailbox.to, strict=True)
                 if to == [one.address]]  # fmt: skip
        assert len(mails) == 4  # opened, answered, approved, resolved
        bodies = "".join(f"{mail['Subject']}{parts(mail)}" for mail in mails)
        assert bodies.count(one.canary) >= 8
        for other in CUSTOMERS:
            assert other is one or other.canary not in bodies
        assert "note canary" not in bodies
    assert len(mailbox.mails) == 4 * len(CUSTOMERS)


def test_an_entry_for_another_account_than_its_requests_is_not_mailed(
    desk: House, delivery: Delivery, clock: Clock, mailbox: Mailbox
) -> None:
    open_request(desk)
    with desk.database.transaction() as session:
        session.connection().execute(
            sa.text("UPDATE outbox SET account_id = 2 WHERE method = :method"), {"method": MAIL}
        )
    send_all(delivery, clock)
    assert mailbox.mails == []
    assert mail_states(desk) == ["withdrawn"]


def asked(desk: House, slack: ScriptedSlack) -> list[str]:
    """Texts of the whispers so far, sent or not."""
    with desk.database.reading() as session:
        query = sa.text("SELECT payload FROM outbox WHERE method = 'chat.postEphemeral'")
        return [str(payload) for (payload,) in session.connection().execute(query)]


def test_who_has_no_address_is_asked_once_and_who_said_no_is_left_alone(
    house: House, slack: ScriptedSlack
) -> None:
    desk = replace(house, mails=True)
    slack.profiles["U2LEO"] = Profile("U2LEO", "T1", "Leo")
    Directory(desk, slack).meet("U2LEO")
    open_request(desk)
    assert len(asked(desk, slack)) == 1
    with work(desk.database, desk.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        assert account is not None
        press = ButtonPressed(user="U2LEO", action=NO_MAIL, value="1", channel="C1")
        decline_mail(uow, desk, Posting(uow, desk, "no"), press, account)
        uow.accounts.remember_person("U2LEO", "T1", "Leo", "en", LEO)
        second = OpenRequest(
            intent="get_org_support", queue="billing", summary="again", fields={},
            origin="C1:2.0:0",
        )  # fmt: skip
        Ticketing(uow, desk, Posting(uow, desk, "second")).open(
            second, account, Actor("U2LEO", "Leo"), channel="C1", thread="2.0", language="en"
        )
    assert len([one for one in asked(desk, slack) if "Shall the answers" in one]) == 1
    assert mail_states(desk) == []


@pytest.mark.parametrize("why", ["no mail server", "address known", "profile unknown", "staff"])
def test_who_need_not_be_asked_is_not(house: House, slack: ScriptedSlack, why: str) -> None:
    desk = replace(house, mails=why != "no mail server")
    email = LEO if why == "address known" else ""
    team = desk.identity.team if why == "staff" else "T1"
    slack.profiles["U2LEO"] = Profile("U2LEO", team, "Leo", email=email)
    if why != "profile unknown":
        Directory(desk, slack).meet("U2LEO")
    if why == "staff":
        with work(desk.database, desk.clock()) as uow:
            uow.accounts.saw("U2LEO", STAFF)
    open_request(desk)
    assert asked(desk, slack) == []


def test_nobody_else_gives_the_address_of_a_requester(house: House, slack: ScriptedSlack) -> None:
    desk = replace(house, mails=True)
    request = open_request(desk)
    form = FormSubmitted(
        user="U3INES", form="mail", view_id="V1",
        context={"request": str(request.id), "channel": "C1"},
        values={"address": "ines@borealis.example"},
    )  # fmt: skip
    with work(desk.database, desk.clock()) as uow:
        account = uow.accounts.of_channel("C1")
        theirs = uow.accounts.of_channel("C2")
        assert account is not None
        assert theirs is not None
        posting = Posting(uow, desk, "form")
        with pytest.raises(NotAllowed, match="not_your_question"):
            take_address(uow, desk, posting, form, account)
        with pytest.raises(NotAllowed, match="no_such_request"):
            take_address(uow, desk, posting, replace(form, user="U2LEO"), theirs)
        assert uow.mail_wishes.of("U2LEO") is None
        assert uow.mail_wishes.of("U3INES") is None


def test_what_requesters_do_themselves_is_not_mailed_to_them(desk: House) -> None:
    request = open_request(desk)
    with work(desk.database, desk.clock()) as uow:
        tickets = Ticketing(uow, desk, Posting(uow, desk, "acts"))
        resolved = tickets.act(request, "resolve", Actor("U2LEO", "Leo"), "it works again")
    assert len(mail_states(desk)) == 1  # the confirmation
    with work(desk.database, desk.clock()) as uow:
        tickets = Ticketing(uow, desk, Posting(uow, desk, "again"))
        reopened = tickets.act(resolved, "reopen", Actor("U0MIKA", "Mika"))
        tickets.act(reopened, "resolve", Actor("U0MIKA", "Mika"))
    assert len(mail_states(desk)) == 1  # nothing was written to them
