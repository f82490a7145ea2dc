"""Slash commands: for staff, guests and customers who installed the app themselves."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from zoneinfo import available_timezones

from bot.content.blocks import Mrkdwn, unescape
from bot.content.templates import Rendered
from bot.desk.arrivals import CommandGiven
from bot.desk.errors import NotAllowed
from bot.desk.meaning import LANGUAGES, Language
from bot.desk.requests import id_of
from bot.desk.roles import Deed, require
from bot.service.accounts import AccountChange, change_account
from bot.service.boards import take_down
from bot.service.directory import is_staff_channel, role_in
from bot.service.forms import account_for
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.request_commands import about_a_request, run_request_command
from bot.storage.accounts import SHADOW, LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

_USER = re.compile(r"[UW][A-Z0-9]+")
_CHANNEL = re.compile(r"[CG][A-Z0-9]+")
_A_PAGE = 40
"""Accounts in one answer: each is a block, and a message has fifty."""
_LONGEST_PAGE = 6
_LONGEST_NAME = 200
_LONGEST_ECHO = 80
_STRAIGHT = str.maketrans("“”„«»‘’", '"""""\'\'')
COMMANDS = ("/support", "/support-status", "/support-plan", "/support-admin")


class Commands:
    """Answers commands privately, within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting

    def run(self, given: CommandGiven) -> str:
        """Answer one command. Raises `NotAllowed`."""
        if given.command == "/support-admin":
            return self._admin(given)
        staff = is_staff_channel(self._uow, self._house, given.channel)
        if staff and given.command == "/support-status":
            return self._status_for_staff(given)
        if staff:
            return self._answer(given, self._house.staff_language, "staff_help")
        account = account_for(self._uow, given.channel, given.user)
        language = account.language
        match given.command:
            case "/support-status":
                return self._status(given, account)
            case "/support-plan":
                return self._plan(given, account)
            case _ if given.text.strip():
                return self._ask(given, account)
            case _:
                return self._answer(
                    given, language, "help", account=account, bot=self._house.mention()
                )

    def _status(self, given: CommandGiven, account: LinkedAccount) -> str:
        if not given.text.strip():
            listed = self._uow.requests.listed(account.id, limit=10)
            return self._answer(
                given,
                account.language,
                "status_list",
                account=account,
                requests=listed,
                time_zone=self._uow.accounts.zone_of(given.user, account.time_zone),
            )
        identity = id_of(given.text)
        request = self._uow.requests.of_account(account.id, identity) if identity else None
        if request is None:
            words = {"number": given.text.strip()[:40]}
            return self._say(given, account.language, "status.not_found", words)
        return self._answer(
            given,
            account.language,
            "status",
            account=account,
            request=request,
            history=self._uow.requests.history(request.id),
            highest=self._house.content.plans.highest(request.queue),
            time_zone=self._uow.accounts.zone_of(given.user, account.time_zone),
        )

    def _status_for_staff(self, given: CommandGiven) -> str:
        role = role_in(self._uow, self._house, given.user, given.team, given.channel)
        require(role, Deed.WORK_ON_REQUESTS)
        language = self._house.staff_language
        identity = id_of(given.text) if given.text.strip() else None
        request = self._uow.requests.get(identity) if identity else None
        if request is not None:
            account = self._uow.accounts.get(request.account_id)
            history = self._uow.requests.history(request.id)
            return self._answer(
                given,
                language,
                "status",
                account=account,
                request=request,
                history=history,
                staff=True,
            )
        if given.text.strip():
            return self._say(
                given, language, "status.not_found", {"number": given.text.strip()[:40]}
            )
        listed = self._uow.requests.listed(open_only=True, limit=20)
        accounts = self._uow.accounts.all()
        return self._answer(
            given,
            language,
            "queues",
            requests=listed,
            names={account.id: account.name for account in accounts},
            zones={account.id: account.time_zone for account in accounts},
        )

    def _plan(self, given: CommandGiven, account: LinkedAccount) -> str:
        plans = self._house.content.plans
        plan = plans.plan(account.plan)
        language = account.language
        return self._answer(
            given,
            language,
            "plan",
            account=account,
            plan=plan,
            calendar=plans.calendar(account.time_zone),
            own=True,
            own_name=plan.names[language],
            plan_name=plan.names[language],
            includes=plan.includes[language],
            higher=[(p.key, p.names[language]) for p in plans.plans if p.rank > plan.rank],
            lowest=plan.rank == 0,
        )

    def _ask(self, given: CommandGiven, account: LinkedAccount) -> str:
        found = self._house.answers.ask(given.text)
        template = {"answer": "answer", "suggest": "suggest", "unknown": "unknown"}[found.band]
        return self._answer(
            given,
            found.language,
            template,
            account=account,
            found=found,
            answer_id="",
            foreign=any(source.language != found.language for source in found.sources[:1]),
        )

    # --- staff's configuration ----------------------------------------------------------------

    def _admin(self, given: CommandGiven) -> str:
        role = role_in(self._uow, self._house, given.user, given.team, given.channel)
        words = _words(given.text)
        if about_a_request(words):
            return run_request_command(self._uow, self._house, self._posting, given, words, role)
        if not words or words == ["help"]:
            require(role, Deed.WORK_ON_REQUESTS)
            return self._answer(given, self._house.staff_language, "admin_help", written="")
        if words == ["replies"]:
            require(role, Deed.WORK_ON_REQUESTS)
            return self._saved_replies(given)
        require(role, Deed.CHANGE_ACCOUNTS)
        match words:
            case ["accounts", *wanted]:
                return self._accounts(given, " ".join(wanted))
            case ["link", channel, name, *options]:
                return self._link(given, channel, name, options)
            case ["unlink", channel]:
                row = self._uow.accounts.channel(channel_id(channel))
                if row is None:
                    raise NotAllowed("admin.not_linked")
                take_down(self._posting, row)
                self._uow.accounts.unlink(row.channel)
                return self._say(
                    given,
                    self._house.staff_language,
                    "admin.unlinked",
                    {"channel": channel_id(channel)},
                )
            case ["mode", channel, "mention" | "listen" | "every" | "shadow" as mode]:
                return self._mode(given, channel, mode)
            case ["mode", channel, "listen", bar]:
                return self._mode(given, channel, "listen", _bar(bar))
            case ["on-call", person, *queue] if len(queue) <= 1:
                return self._on_call(given, person, *queue)
            case ["queue", queue, channel]:
                return self._queue(given, queue, channel)
            case _:
                return self._not_a_command(given)

    def _not_a_command(self, given: CommandGiven) -> str:
        written = " ".join(given.text.split())[:_LONGEST_ECHO]
        return self._answer(given, self._house.staff_language, "admin_help", written=written)

    def _mode(
        self, given: CommandGiven, channel: str, mode: str, least_score: float | None = None
    ) -> str:
        row = self._uow.accounts.channel(channel_id(channel))
        if row is None:
            raise NotAllowed("admin.not_linked")
        row.mode, row.least_score = mode, least_score
        if mode == SHADOW:
            take_down(self._posting, row)
        return self._say(
            given,
            self._house.staff_language,
            "admin.mode" if least_score is None else "admin.mode_from",
            {"channel": row.channel, "mode": mode, "score": str(least_score)},
        )

    def _accounts(self, given: CommandGiven, wanted: str) -> str:
        """A page of them by its number, or those with these words in their names."""
        page = int(wanted) if wanted.isdecimal() and len(wanted) < _LONGEST_PAGE else 1
        words = "" if wanted.isdecimal() else wanted
        found = [o for o in self._uow.accounts.all() if words.casefold() in o.name.casefold()]
        pages = max(1, -(-len(found) // _A_PAGE))
        page = min(max(page, 1), pages)
        channels: dict[int, list[str]] = {}
        for channel in self._uow.accounts.channels():
            channels.setdefault(channel.account_id, []).append(channel.channel)
        shown = found[(page - 1) * _A_PAGE : page * _A_PAGE]
        plans = self._house.content.plans.plans
        return self._answer(
            given,
            self._house.staff_language,
            "accounts",
            accounts=[(account, channels.get(account.id or 0, [])) for account in shown],
            plan_names={plan.key: plan.names[self._house.staff_language] for plan in plans},
            count=len(found),
            page=page,
            pages=pages,
            wanted=words,
        )

    def _saved_replies(self, given: CommandGiven) -> str:
        language = self._house.staff_language
        replies = [
            (reply.key, reply.title(language), reply.texts.get(language) or reply.texts["en"])
            for reply in self._house.content.saved_replies
        ]
        return self._answer(given, language, "saved_replies", replies=replies)

    def _link(self, given: CommandGiven, channel: str, name: str, options: list[str]) -> str:
        chosen = dict(option.split("=", 1) for option in options if "=" in option)
        zone = chosen.get("tz")
        if zone is not None and zone not in available_timezones():
            raise NotAllowed("form.time_zone")
        if not _CHANNEL.fullmatch(channel_id(channel)):
            raise NotAllowed("admin.no_channel")
        if len(name) > _LONGEST_NAME:
            raise NotAllowed("admin.long_name")
        if chosen.get("language", "en") not in LANGUAGES:
            raise NotAllowed("admin.unknown_language")
        plan = chosen.get("plan")
        if plan is not None and not self._house.content.plans.knows(plan):
            raise NotAllowed("admin.unknown_plan")
        change = AccountChange(
            name=name,
            channel=channel_id(channel),
            plan=plan,
            time_zone=zone,
            language=chosen.get("language"),
        )
        account = change_account(self._uow, self._house.content.plans, change)
        return self._say(
            given,
            self._house.staff_language,
            "admin.linked",
            {"channel": channel_id(channel), "account": account.name},
        )

    def _on_call(self, given: CommandGiven, person: str, queue: str = "") -> str:
        """`on-call @name [queue]`, and `on-call off [queue]`."""
        language = self._house.staff_language
        if queue:
            self._require_queue(queue)
        user = "" if person == "off" else person.strip("<@>").partition("|")[0]
        if user and not _USER.fullmatch(user):
            raise NotAllowed("admin.no_person")
        self._uow.accounts.set_on_call(queue, user)
        words = {
            "who": Mrkdwn(f"<@{user}>"),
            "queue": queue or self._house.content.words.say(language, "admin.all_queues"),
        }
        return self._say(
            given, language, "admin.on_call" if user else "admin.nobody_on_call", words
        )

    def _require_queue(self, queue: str) -> None:
        if queue not in self._house.content.queues:
            raise NotAllowed("admin.unknown_queue")

    def _queue(self, given: CommandGiven, queue: str, channel: str) -> str:
        self._require_queue(queue)
        if not _CHANNEL.fullmatch(channel_id(channel)):
            raise NotAllowed("admin.no_channel")
        self._uow.accounts.set_queue_channel(queue, channel_id(channel))
        return self._say(
            given,
            self._house.staff_language,
            "admin.queue",
            {"queue": queue, "channel": channel_id(channel)},
        )

    def _say(
        self, given: CommandGiven, language: Language, key: str, words: Mapping[str, str]
    ) -> str:
        return self._answer(given, language, "say", sentence=key, words=words)

    def _answer(
        self, given: CommandGiven, language: Language, template: str, **values: object
    ) -> str:
        rendered: Rendered = self._house.content.templates.message(template, language, **values)
        self._posting.respond(given.response_url, rendered, given.user)
        return f"{given.command}: {template}"


def _words(text: str) -> list[str]:
    """The words of a command; phones make curly quotation marks, Slack escapes `&`."""
    plain = unescape(text.translate(_STRAIGHT))
    try:
        return shlex.split(plain)
    except ValueError:
        return plain.split()


def channel_id(written: str) -> str:
    """`C123` out of `<#C123|name>` or `C123`."""
    return written.strip("<#>").partition("|")[0]


def _bar(written: str) -> float:
    """A score in 0..1. Raises `NotAllowed`."""
    try:
        bar = float(written)
    except ValueError:
        bar = -1.0
    if not 0 <= bar <= 1:
        raise NotAllowed("admin.no_score")
    return bar
