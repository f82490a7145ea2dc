"""A whole support desk for tests: the local workspace, and the real bot connected to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.desk.meaning import LANGUAGES
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.sandbox.sight import Seen
from bot.service.accounts import AccountChange, change_account
from bot.settings import Settings
from bot.storage.unit_of_work import work
from bot.wiring import Bot, build_bot

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "app.yml"
ACCOUNTS = (
    AccountChange("Kitsune Games", "ext-kitsune", "enterprise", "Asia/Tokyo", "ja", clusters=("prod-1", "prod-2", "staging")),
    AccountChange("Borealis Pay", "ext-borealis", "standard", "Europe/Stockholm", "en", clusters=("ledger-eu", "ledger-us")),
    AccountChange("Lotus Retail", "ext-lotus", "premium", "Asia/Shanghai", "zh", clusters=("shop-live",)),
)  # fmt: skip
assert LANGUAGES


@dataclass(slots=True)
class Desk:
    """Use as a context manager; `say`, `press`, `sees` read like what people do."""

    database_url: str
    cache: Path
    transport: str = "socket"
    accounts: Sequence[AccountChange] = ACCOUNTS
    port: int = 0
    sandbox: Sandbox = None  # type: ignore[assignment]
    bot: Bot = None  # type: ignore[assignment]

    def __enter__(self) -> Self:
        self.sandbox = Sandbox(
            demo_scene(), MANIFEST, rate_limits=RateLimits.off(), retry_after=(0.05, 0.2, 0.5)
        )
        self.sandbox.start()
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
        self.sandbox.stop()

    def start_bot(self) -> None:
        self.bot = build_bot(self.settings())
        self.bot.start()
        if self.transport == "http":
            self.sandbox.deliver_to(self.bot.transport.address.replace("0.0.0.0", "127.0.0.1"))

    def settings(self) -> Settings:
        http = self.transport == "http"
        return Settings(
            bot_token=self.sandbox.bot_token,
            app_token="" if http else self.sandbox.app_token,
            signing_secret=self.sandbox.signing_secret if http else "",
            api_url=self.sandbox.base_url,
            database_url=self.database_url,
            staff_channel=self.channel("support-desk"),
            staff_language="en",
            admins=frozenset(),
            port=self.port,
            content=ROOT,
            cache=self.cache,
            log_level="INFO",
        )

    def link(self, accounts: Sequence[AccountChange]) -> None:
        house = self.bot.house
        with work(house.database, house.clock()) as uow:
            for account in accounts:
                named = AccountChange(
                    account.name,
                    self.channel(account.channel),
                    account.plan,
                    account.time_zone,
                    account.language,
                    account.mode,
                    account.clusters,
                )
                change_account(uow, house.content.plans, named)
            uow.accounts.set_queue_channel("sales", self.channel("sales-desk"))

    def channel(self, name: str) -> str:
        return self.sandbox.workspace.find_channel(name).id

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
