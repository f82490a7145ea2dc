"""A whole support desk for tests: the local workspace, and the real bot connected to it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from bot.desk.meaning import Language
from bot.sandbox.deliveries import ACK_SECONDS
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.sandbox.sight import Seen
from bot.service import boards, pacing
from bot.service.accounts import AccountChange, change_account
from bot.service.rings import RINGS
from bot.service.timekeeping import Timekeeper
from bot.service.upkeep import Upkeep
from bot.settings import Settings
from bot.slack.transports import HttpTransport
from bot.storage.columns import UtcTime
from bot.storage.database import utc_now
from bot.storage.tables import Inbox, Outbox
from bot.storage.unit_of_work import work
from bot.wiring import Bot, build_bot
from tests.support.mail_server import Mailbox

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "app.yml"
ACCOUNTS = (
    AccountChange(
        "Kitsune Games",
        "ext-kitsune",
        "enterprise",
        "Asia/Tokyo",
        "ja",
        clusters=("prod-1", "prod-2", "staging"),
    ),
    AccountChange(
        "Borealis Pay",
        "ext-borealis",
        "standard",
        "Europe/Stockholm",
        "en",
        clusters=("ledger-eu", "ledger-us"),
    ),
    AccountChange(
        "Lotus Retail", "ext-lotus", "premium", "Asia/Shanghai", "zh", clusters=("shop-live",)
    ),
)
_HELD = aliased(Outbox)
_HELD_BACK = (
    sa.select(sa.literal(1))
    .where(
        col(_HELD.lane) == col(Outbox.lane),
        col(_HELD.id) <= col(Outbox.id),
        col(_HELD.state) == "pending",
        col(_HELD.fence) == 0,
        col(_HELD.available_at) > sa.bindparam("now", type_=UtcTime()),
    )
    .exists()
)
_WORK_LEFT = sa.union_all(
    sa.select(col(Inbox.id)).where(col(Inbox.state).not_in(("done", "dead"))),
    sa.select(col(Outbox.id)).where(
        col(Outbox.state).not_in(("sent", "dead", "withdrawn")), ~_HELD_BACK
    ),
)


@dataclass(slots=True)
class MovedClock:
    """The real time and what was added to it; it only goes forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass(slots=True)
class Desk:
    """Use as a context manager; `say`, `wait`, `card` read like what people do.

    The bot's own pacing (one message a second and channel) is off unless `paced`: it has tests of
    its own, and dozens of dialogues share one staff channel here.
    """

    database_url: str
    cache: Path
    transport: str = "socket"
    accounts: Sequence[AccountChange] = ACCOUNTS
    port: int = 0
    paced: bool = False
    ack_seconds: float = ACK_SECONDS
    staff_language: Language = "en"
    undo_seconds: float = 0.0
    """Staff replies are sent at once unless a test is about taking them back."""
    largest_file_mb: int = 100
    mailbox: Mailbox | None = None
    """Where e-mail goes, if there is any."""
    token_keys: tuple[str, ...] = ()
    """With keys, other organisations may install the app at `pages_url`."""
    own_token: bool = True
    """False: our own workspace installs the app like any other."""
    sandbox: Sandbox = None  # type: ignore[assignment]
    bot: Bot = None  # type: ignore[assignment]
    clock: MovedClock = field(default_factory=MovedClock)
    _undo: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def in_folder(cls, folder: Path, config: pytest.Config, **options: Any) -> Self:
        """With a database there. The trained model is kept between runs: it takes seconds."""
        return cls(f"sqlite:///{folder / 'desk.db'}", config.cache.mkdir("supportbot"), **options)

    def __enter__(self) -> Self:
        if not self.paced:
            self._undo.enter_context(patch.object(pacing, "PER_SECOND", 10_000.0))
            self._undo.enter_context(patch.object(boards, "EVERY", timedelta(0)))
        self.sandbox = Sandbox(
            demo_scene(),
            MANIFEST,
            rate_limits=RateLimits.off(),
            retry_after=(0.05, 0.2, 0.5),
            ack_seconds=self.ack_seconds,
        )
        self.sandbox.start()
        self._undo.callback(self.sandbox.stop)
        self.start_bot()
        self.link(self.accounts)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bot.stop()
        self._undo.close()

    def start_bot(self) -> None:
        """Also after `bot.stop()`: another process on the same database."""
        self.bot = build_bot(self.settings(), self.clock)
        self.bot.start()
        if self.transport == "http":
            self.sandbox.deliver_to(self.bot.transport.address.replace("0.0.0.0", "127.0.0.1"))

    def settings(self) -> Settings:
        http = self.transport == "http"
        installs = self.sandbox.oauth if self.token_keys else None
        return Settings(
            bot_token=self.sandbox.bot_token if self.own_token else "",
            app_token="" if http else self.sandbox.app_token,
            signing_secret=self.sandbox.signing_secret if http else "",
            api_url=self.sandbox.base_url,
            database_url=self.database_url,
            staff_channel=self.channel("support-desk"),
            staff_language=self.staff_language,
            admins=frozenset(),
            on_call="",
            port=self.port,
            content=ROOT,
            cache=self.cache,
            log_level="INFO",
            undo_seconds=self.undo_seconds,
            largest_file_mb=self.largest_file_mb,
            smtp_url=self.mailbox.url if self.mailbox else "",
            mail_from="support@desk.example",
            client_id=installs.client_id if installs else "",
            client_secret=installs.client_secret if installs else "",
            token_keys=self.token_keys,
            workspace="" if self.own_token else self.sandbox.workspace.vendor.id,
        )

    @property
    def pages_url(self) -> str:
        """Where the pages for installing begin, without a slash at the end."""
        pages = self.bot.pages or self.bot.transport
        assert isinstance(pages, HttpTransport)
        return f"http://127.0.0.1:{urlsplit(pages.address).port}"

    def link(self, accounts: Sequence[AccountChange]) -> None:
        """Link channels (by name) and post their boards, as `accounts add` and the upkeep do."""
        house = self.bot.house
        with work(house.database, house.clock()) as uow:
            for account in accounts:
                named = replace(account, channel=self.channel(account.channel))
                change_account(uow, house.content.plans, named)
            uow.accounts.set_queue_channel("sales", self.channel("sales-desk"))
        Upkeep(house).round()

    def channel(self, name: str) -> str:
        return self.sandbox.workspace.find_channel(name).id

    def settle(self, timeout: float = 10.0) -> None:
        """Return once nothing is on its way: events delivered, inbox handled, outbox sent.

        A reply that waits for second thoughts, and what waits behind it, is not on its way.

        Each look at the tables comes after a look at the deliveries that fed them, and a message
        of the bot is under way as an event before its outbox row counts as sent.
        """
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            quiet = self.sandbox.deliveries.wait_until_quiet(timeout)
            if quiet and not self._work_left() and self.sandbox.deliveries.wait_until_quiet(0):
                return
            time.sleep(0.005)
        raise AssertionError(f"still busy after {timeout:g} s: {self._work_left()} rows wait")

    def forward(self, time: timedelta) -> None:
        """Let time pass at once; returns when everything that became due is done."""
        self.settle()
        self.clock.ahead += time
        keeper = Timekeeper(self.bot.house, RINGS)
        while (reminder := keeper.next()) is not None:
            keeper.ring(reminder)
        self.settle()

    def _work_left(self) -> int:
        with self.bot.database.reading() as session:
            return len(session.execute(_WORK_LEFT, {"now": self.bot.house.clock()}).all())

    # --- people -------------------------------------------------------------------------------

    def say(self, person: str, channel: str, text: str, thread: str | None = None) -> str:
        """Returns the ts of the message."""
        return self.sandbox.say(person, channel, text, thread_ts=thread).ts

    def wait(
        self, person: str, channel: str, what: str, thread: str | None = None, after: str = ""
    ) -> Seen:
        return self.sandbox.wait_to_see(
            person, channel, what, thread_ts=thread, after=after, timeout=8.0
        )

    def card(self, number: str, channel: str = "support-desk", staff: str = "mika") -> Seen:
        """The staff card of a request."""
        return self.wait(staff, channel, number)
