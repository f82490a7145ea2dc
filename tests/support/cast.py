"""Fresh customers for every dialogue, and the player that lets them act.

A dialogue file speaks of `leo` in `ext-borealis`; each time it is played, a new Leo of a new
Borealis Pay gets a new channel. So nobody inherits another dialogue's requests or open questions,
and one running bot serves all of them. Staff (`mika`, `arun`) and their channels are shared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from html import escape
from itertools import count
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from bot.sandbox import script
from bot.sandbox.script import Player, Script
from bot.sandbox.sight import Seen
from bot.service.accounts import AccountChange
from tests.support.desk import Desk
from tests.support.mail_server import parts
from tests.support.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Company:
    """A customer organisation; `plan=""` stands for one whose channel is not linked yet."""

    account: AccountChange
    locale: str
    people: Mapping[str, str]
    """Handle → full name."""
    guests: Mapping[str, str] = field(default_factory=dict)
    """People of the customer whom the vendor's workspace has invited: they may use commands."""


def _company(
    name: str,
    plan: str,
    zone: str,
    locale: str,
    people: Mapping[str, str],
    *clusters: str,
    guests: Mapping[str, str] | None = None,
) -> Company:
    channel = f"ext-{name.split()[0].lower()}"
    account = AccountChange(name, channel, plan, zone, locale[:2], clusters=clusters)
    return Company(account, locale, people, guests or {})


COMPANIES = (
    _company(
        "Kitsune Games",
        "enterprise",
        "Asia/Tokyo",
        "ja-JP",
        {"hana": "Hana Mori", "sora": "Sora Abe"},
        "prod-1",
        "prod-2",
        "staging",
    ),
    _company(
        "Borealis Pay",
        "standard",
        "Europe/Stockholm",
        "en-US",
        {"leo": "Leo Strand", "ines": "Ines Falk"},
        "ledger-eu",
        "ledger-us",
        guests={"gwen": "Gwen Lind"},
    ),
    _company(
        "Lotus Retail",
        "premium",
        "Asia/Shanghai",
        "zh-CN",
        {"lin": "林晓", "wei": "陈伟"},
        "shop-live",
        "shop-test",
    ),
    _company("Harbor Cafe", "basic", "Europe/Dublin", "en-GB", {"nora": "Nora Quinn"}),
    _company("Sakura Books", "basic", "Asia/Tokyo", "ja-JP", {"yui": "Yui Kato"}),
    _company("Bamboo Tea", "basic", "Asia/Shanghai", "zh-CN", {"mei": "何梅"}),
    _company("Osprey Air", "", "America/New_York", "en-US", {"ravi": "Ravi Sen"}),
)
COLLEAGUES = {"vera": "Vera Holt"}
_number = count(1)
FURTHER_STEPS = {
    "clock": frozenset({"forward", "until", "zone"}),
    "hides_address": frozenset({"who"}),
    "lives": frozenset({"who", "zone"}),
    "mailed": frozenset({"to", "text", "count"}),
    "happens": frozenset({"who", "in", "to", "name"}),
    "deactivate": frozenset({"who"}),
    "handling": frozenset({"to"}),
    "lost": frozenset({"who", "values"}),
}
"""`clock: {forward: 2h}` lets time pass, `{until: "mon 16:00", zone: Asia/Tokyo}` up to there.

`forward` is a number of minutes, hours or days (`30min`, `2h`, `3d`).
`lives: {who: ines, zone: Europe/London}`: her clock is not her company's.
`hides_address: {who: leo}`: Slack shows no e-mail address of Leo's. `mailed: {to: leo@a.example,
text: […]}`: the latest mail to there has these words, `count` of them have come.
`happens: {in: ext-borealis, to: …}` is what befalls a channel: `new_id`, `unshare`, `share` (with
its customer, or with the organisation of `who`); with `who` also `rename` (to `name`), `archive`,
`unarchive`, `leave`, `join` (who goes or comes).
`deactivate: {who: leo}` is what an administrator does to an account.
`handling: {to: pause}` lets whatever arrives wait unhandled, until `{to: go on}`.
`lost: {who: leo, values: …}` submits the open form as `fill` does, but Slack never hears that it
was taken: the person reads of trouble and the form stays open.
"""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"min": "minutes", "h": "hours", "d": "days"}


def cast(desk: Desk, wanted: Iterable[str]) -> dict[str, str]:
    """Bring the companies of these handles and channels; returns handle or channel name → id.

    The new channel's board is posted before this returns.
    """
    wanted = set(wanted)
    ids: dict[str, str] = {}
    for company in COMPANIES:
        if wanted & {company.account.channel, *company.people, *company.guests}:
            ids |= _bring(desk, company, next(_number))
    for handle, name in COLLEAGUES.items():
        if handle in wanted:
            ids[handle] = _hire(desk, handle, name, next(_number))
    desk.settle()
    return ids


def _bring(desk: Desk, company: Company, number: int) -> dict[str, str]:
    workspace = desk.sandbox.workspace
    account = company.account
    named = f"{account.channel}-{number}"
    if desk.token_keys:
        return _bring_at_home(desk, company, number)
    home = workspace.add_organisation(f"{account.name} {number}", named)
    people = {
        handle: workspace.add_person(
            workspace.vendor if handle in company.guests else home,
            f"{handle}-{number}",
            name,
            tz=account.time_zone or "UTC",
            locale=company.locale,
        )
        for handle, name in {**company.people, **company.guests}.items()
    }
    present = [workspace.find_person(handle) for handle in ("mika", "arun", "supportbot")]
    channel = workspace.add_channel(named, [*people.values(), *present], shared_with=[home])
    if account.plan:
        desk.link([replace(account, name=f"{account.name} {number}", channel=named)])
    return {
        **{handle: person.id for handle, person in people.items()},
        account.channel: channel.id,
        f"home of {channel.id}": home.id,
    }


def _hire(desk: Desk, handle: str, name: str, number: int) -> str:
    """A colleague of Mika's whom only this dialogue knows, so that they may leave in it."""
    workspace = desk.sandbox.workspace
    person = workspace.add_person(workspace.vendor, f"{handle}-{number}", name)
    workspace.join(workspace.find_channel("support-desk"), person)
    return person.id


def _bring_at_home(desk: Desk, company: Company, number: int) -> dict[str, str]:
    """The same, where the customer has the app in a workspace of their own."""
    workspace = desk.sandbox.workspace
    account = company.account
    named = f"{account.channel}-{number}"
    home = workspace.add_organisation(f"{account.name} {number}", named)
    people = {
        handle: workspace.add_person(
            home, f"{handle}-{number}", name, tz=account.time_zone or "UTC", locale=company.locale
        )
        for handle, name in {**company.people, **company.guests}.items()
    }
    Visitor(desk.sandbox, desk.pages_url, next(iter(people.values())).id).install()
    bot = workspace.further[home.id].bot_user
    channel = workspace.add_channel(named, people.values(), owner=home)
    desk.sandbox.join(bot, channel)
    desk.settle()
    if account.plan:
        desk.link([replace(account, name=f"{account.name} {number}", channel=named)])
    ids = {handle: person.id for handle, person in people.items()}
    return ids | {account.channel: channel.id, "supportbot": bot}


@dataclass(slots=True)
class DialoguePlayer(Player):
    """Plays a dialogue with its own cast; make one for each dialogue.

    `in: dm` is the person's direct conversation with the bot. Silence is not waited for by the
    clock: it is there when bot and workspace have nothing left to do.
    """

    desk: Desk | None = None
    ids: dict[str, str] = field(default_factory=dict)
    _pause: ExitStack = field(default_factory=ExitStack)
    _paused: bool = False

    def play(self, script: Script) -> None:
        assert self.desk is not None
        named = {str(keys.get(place, "")) for _, keys in script.steps for place in ("who", "in")}
        self.ids = cast(self.desk, named)
        with self._pause:
            Player.play(self, script)

    def _handling(self, step: Mapping[str, Any]) -> None:
        assert self.desk is not None
        self._settle()
        self._paused = step["to"] == "pause"
        if self._paused:
            inbox = self.desk.bot.worker._inbox
            self._pause.enter_context(patch.object(inbox, "claim", lambda *_: None))
            return
        self._pause.close()
        self.desk.bot.house.arrived.ring()

    def _lost(self, step: Mapping[str, Any]) -> None:
        self._settle()
        self.sandbox.faults.deliver("lose_ack", "view_submission")
        outcome = self.sandbox.submit_view(step["who"], self._entered(step["values"]))
        if not outcome.error:
            raise script.ScriptError("Slack heard that the form was taken")

    def _clock(self, step: Mapping[str, Any]) -> None:
        assert self.desk is not None
        now = self.desk.clock()
        if "forward" in step:
            amount, unit = re.fullmatch(r"(\d+)(min|h|d)", step["forward"]).groups()  # type: ignore[union-attr]
            self.desk.forward(timedelta(**{_UNITS[unit]: int(amount)}))
        else:
            self.desk.forward(_next(step["until"], step["zone"], now) - now)

    def _hides_address(self, step: Mapping[str, Any]) -> None:
        self.sandbox.workspace.people[step["who"]].email = ""

    def _lives(self, step: Mapping[str, Any]) -> None:
        self.sandbox.workspace.people[step["who"]].tz = step["zone"]

    def _mailed(self, step: Mapping[str, Any]) -> None:
        assert self.desk is not None
        assert self.desk.mailbox is not None
        self._settle()
        box = self.desk.mailbox
        got = [mail for mail, to in zip(box.mails, box.to, strict=True) if to == [step["to"]]]
        if "count" in step and len(got) != step["count"]:
            raise script.ScriptError(f"{len(got)} mails came to {step['to']}")
        if "text" in step:
            text, html = parts(got[-1]) if got else ("", "")
            text = f"{got[-1]['Subject']}\n{text}" if got else "no mail"
            for word in step["text"]:
                if word not in text or escape(word) not in f"{html}\n{got[-1]['Subject']}":
                    raise script.ScriptError(f"the latest mail lacks {word!r}:\n{text}")

    def _happens(self, step: Mapping[str, Any]) -> None:
        if step["to"] not in ("join", "unarchive"):
            # Before these, something may wait for just that.
            self._settle()
        sandbox, channel = self.sandbox, step["in"]
        match step["to"]:
            case "new_id":
                new = sandbox.change_channel_id(channel)
                self.ids = {name: new if id_ == channel else id_ for name, id_ in self.ids.items()}
                self._marks = {
                    mark: (new if where == channel else where, ts)
                    for mark, (where, ts) in self._marks.items()
                }
            case "share" | "unshare" as act:
                if "who" in step:
                    home = sandbox.workspace.find_person(step["who"]).organisation
                else:
                    home = self.ids[f"home of {channel}"]
                getattr(sandbox, act)(channel, home)
            case "rename":
                sandbox.rename(step["who"], channel, step["name"])
            case act:
                getattr(sandbox, act)(step["who"], channel)

    def _deactivate(self, step: Mapping[str, Any]) -> None:
        self._settle()
        self.sandbox.workspace.deactivate(self.sandbox.workspace.find_person(step["who"]))

    def _say(self, step: Mapping[str, Any]) -> None:
        # People read the answer before they go on; two quick messages may overtake each other.
        self._settle()
        Player._say(self, step)

    def _press(self, step: Mapping[str, Any]) -> None:
        self._settle()
        Player._press(self, step)

    def _home(self, step: Mapping[str, Any]) -> None:
        self._settle()
        Player._home(self, step)

    def _edit(self, step: Mapping[str, Any]) -> None:
        self._settle()
        Player._edit(self, step)

    def _delete(self, step: Mapping[str, Any]) -> None:
        self._settle()
        Player._delete(self, step)

    def _react(self, step: Mapping[str, Any]) -> None:
        self._settle()
        Player._react(self, step)

    def _unreact(self, step: Mapping[str, Any]) -> None:
        self._settle()
        Player._unreact(self, step)

    def _last_that(
        self,
        fits: Callable[[Seen], bool],
        who: str,
        channel: str,
        thread: str | None,
        what: str,
    ) -> Seen:
        """What is not there once everything settled will hardly come: a failure is quick."""
        self._settle()
        with patch.object(script, "SEE_SECONDS", 3.0):
            return Player._last_that(self, fits, who, channel, thread, what)

    def _filled(self, keys: Mapping[str, Any]) -> dict[str, Any]:
        step = Player._filled(self, keys)
        for place in ("who", "in"):
            if place in step:
                step[place] = self.ids.get(step[place], step[place])
        if step.get("in") == "dm":
            step["in"] = self.sandbox.open_dm(step["who"]).id
        if "values" in step:
            step["values"] = {
                name: [self._addressed(one) for one in value]
                if isinstance(value, list)
                else self._person(value)
                for name, value in step["values"].items()
            }
        if isinstance(step.get("text"), str):
            step["text"] = self._addressed(step["text"])
        return step

    def _person(self, value: Any) -> Any:
        """`@vera` alone is the person of this dialogue whom a form is about."""
        return self.ids.get(value[1:], value) if str(value).startswith("@") else value

    def _addressed(self, text: str) -> str:
        """`@leo` and `#ext-borealis` are this dialogue's Leo and channel."""

        def named(found: re.Match[str]) -> str:
            sign, name = found[1], found[2]
            if name not in self.ids:
                return found[0]
            if sign == "@":
                return f"@{self.ids[name]}"
            return f"#{self.sandbox.workspace.channels[self.ids[name]].name}"

        return re.sub(r"([@#])([a-z][a-z-]*[a-z])", named, text)

    def _settle(self) -> None:
        assert self.desk is not None
        if self._paused:
            self.desk.sandbox.deliveries.wait_until_quiet(10.0)
        else:
            self.desk.settle()


def _next(written: str, zone: str, now: datetime) -> datetime:
    """The next `mon 16:00` of that time zone."""
    day, _, clock = written.partition(" ")
    here = now.astimezone(ZoneInfo(zone))
    ahead = (_WEEKDAYS.index(day) - here.weekday()) % 7
    for days in (ahead, ahead + 7):
        date = (here + timedelta(days=days)).date()
        found = datetime.combine(date, time.fromisoformat(clock), ZoneInfo(zone))
        if found > now:
            return found.astimezone(UTC)
    raise AssertionError("unreachable")
