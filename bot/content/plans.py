"""Reads `knowledge/plans.yml`: plans, response targets, hours and holidays, how long we wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast
from zoneinfo import available_timezones

import yaml

from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, flag, mapping, read_document, required, word, words
from bot.desk.catalogue import QUEUES
from bot.desk.meaning import LANGUAGES, Language
from bot.desk.plans import Intake, LocalCalendar, Plan, PlanBook, Staleness, Target
from bot.desk.requests import SEVERITIES, Severity

_KEYS = (
    "plans",
    "default",
    "business_hours",
    "holidays",
    "calendars",
    "intake",
    "waiting_for_customer",
    "reopen_within",
)
_PLAN_KEYS = ("names", "aliases", "technical", "through_sales", "targets", "includes")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TARGET = re.compile(r"([1-9]\d*) (minutes?|hours?|business hours?)")
_BUSINESS_DAYS = re.compile(r"([1-9]\d?) business days?")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def load_plans(file: Path) -> PlanBook:
    """Read the file. Raises `ContentError` with every problem found."""
    findings = Findings(file)
    book = _book(file, findings)
    if findings.problems or book is None:
        raise ContentError(findings.problems)
    return book


def _book(file: Path, findings: Findings) -> PlanBook | None:
    if not file.is_file():
        findings.add("", "the file is missing")
        return None
    node = read_document(file, findings)
    if node is None:
        return None
    keys = mapping(node, "", findings, _KEYS)
    required(keys, ("plans", "default", "business_hours"), findings)
    if not {"plans", "default", "business_hours"} <= keys.keys():
        return None
    plans = tuple(
        _plan(key, rank, entry, findings)
        for rank, (key, entry) in enumerate(mapping(keys["plans"], "plans", findings, None).items())
    )
    default = word(keys["default"], "default", findings) or ""
    if default not in {plan.key for plan in plans}:
        findings.add("default", f"there is no plan {default!r}", keys["default"])
    days, opens, closes = _hours(keys["business_hours"], "business_hours", findings)
    return PlanBook(
        plans,
        default,
        days,
        opens,
        closes,
        _holidays(keys.get("holidays"), "holidays", findings),
        _local_calendars(keys.get("calendars"), findings),
        _staleness(keys.get("waiting_for_customer"), findings),
        _intake(keys.get("intake"), findings),
        _reopen_within(keys.get("reopen_within"), findings),
    )


def _hours(node: yaml.Node, place: str, findings: Findings) -> tuple[tuple[int, ...], str, str]:
    hours = mapping(node, place, findings, ("days", "from", "to"))
    required(hours, ("days", "from", "to"), findings, place)
    days = _days(hours.get("days"), f"{place}.days", findings)
    opens, closes = (_clock(hours.get(end), f"{place}.{end}", findings) for end in ("from", "to"))
    if opens >= closes:
        findings.add(place, f"ends ({closes}) before it starts ({opens})", node)
    return days, opens, closes


def _holidays(node: yaml.Node | None, place: str, findings: Findings) -> frozenset[str]:
    dates = words(node, place, findings) if node is not None else []
    for written, at in dates:
        if not _is_date(written):
            findings.add(place, f'{written} is no date; write "2026-12-31"', at)
    return frozenset(written for written, _ in dates)


def _local_calendars(node: yaml.Node | None, findings: Findings) -> tuple[LocalCalendar, ...]:
    found: list[LocalCalendar] = []
    taken: dict[str, str] = {}
    entries = mapping(node, "calendars", findings, None) if node is not None else {}
    for name, entry in entries.items():
        place = f"calendars.{name}"
        keys = mapping(entry, place, findings, ("time_zones", "holidays", "business_hours"))
        required(keys, ("time_zones",), findings, place)
        zones = set()
        at = f"{place}.time_zones"
        for zone, zone_node in (
            words(keys["time_zones"], at, findings) if keys.get("time_zones") else []
        ):
            if zone not in available_timezones():
                findings.add(at, f"{zone} is no time zone; write one such as Asia/Tokyo", zone_node)
            elif zone in taken:
                findings.add(at, f"{zone} stands in calendars.{taken[zone]} already", zone_node)
            taken.setdefault(zone, name)
            zones.add(zone)
        days, opens, closes = (
            _hours(keys["business_hours"], f"{place}.business_hours", findings)
            if "business_hours" in keys
            else (None, "", "")
        )
        holidays = _holidays(keys.get("holidays"), f"{place}.holidays", findings)
        found.append(LocalCalendar(frozenset(zones), holidays, days, opens, closes))
    return tuple(found)


def _intake(node: yaml.Node | None, findings: Findings) -> Intake:
    """Whether the intents exist is looked at where all content is known."""
    if node is None:
        return Intake()
    keys = mapping(node, "intake", findings, ("technical", "highest_severity", "no_promise"))
    technical = (
        words(keys["technical"], "intake.technical", findings) if "technical" in keys else []
    )
    silent = (
        words(keys["no_promise"], "intake.no_promise", findings) if "no_promise" in keys else []
    )
    for queue, at in silent:
        if queue not in QUEUES:
            findings.add("intake.no_promise", f"{queue}? write {', '.join(QUEUES)}", at)
    return Intake(
        frozenset(intent for intent, _ in technical),
        _highest(keys.get("highest_severity"), findings),
        frozenset(queue for queue, _ in silent),
    )


def _highest(node: yaml.Node | None, findings: Findings) -> dict[str, Severity]:
    place = "intake.highest_severity"
    found: dict[str, Severity] = {}
    for queue, entry in (
        mapping(node, place, findings, QUEUES) if node is not None else {}
    ).items():
        level = word(entry, f"{place}.{queue}", findings)
        if level in SEVERITIES:
            found[queue] = level
        elif level is not None:
            findings.add(f"{place}.{queue}", f"write one of {', '.join(SEVERITIES)}", entry)
    return found


def _reopen_within(node: yaml.Node | None, findings: Findings) -> int:
    if node is None:
        return 7
    written = word(node, "reopen_within", findings) or ""
    found = re.fullmatch(r"(\d{1,3}) days?", written)
    if found is None:
        findings.add("reopen_within", f'{written!r}? write days, as "7 days"', node)
        return 7
    return int(found[1])


def _staleness(node: yaml.Node | None, findings: Findings) -> Staleness:
    place = "waiting_for_customer"
    if node is None:
        return Staleness()
    keys = mapping(node, place, findings, ("nudge_after", "resolve_after"))
    usual = Staleness()
    nudge = _business_days(keys, "nudge_after", usual.nudge_after, findings)
    resolve = _business_days(keys, "resolve_after", usual.resolve_after, findings)
    if nudge is not None and resolve is not None and resolve <= nudge:
        findings.add(
            f"{place}.resolve_after",
            f"must be longer than nudge_after ({nudge} business days)",
            keys.get("resolve_after", node),
        )
    return Staleness(nudge, resolve)


def _business_days(
    keys: Mapping[str, yaml.Node], name: str, usual: int | None, findings: Findings
) -> int | None:
    if name not in keys:
        return usual
    place = f"waiting_for_customer.{name}"
    written = word(keys[name], place, findings)
    found = _BUSINESS_DAYS.fullmatch(written or "")
    if written == "never":
        return None
    if found is None:
        if written is not None:
            findings.add(place, 'write "3 business days" or "never"', keys[name])
        return usual
    return int(found[1])


def _is_date(written: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        return False
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _plan(key: str, rank: int, node: yaml.Node, findings: Findings) -> Plan:
    place = f"plans.{key}"
    keys = mapping(node, place, findings, _PLAN_KEYS)
    required(keys, ("names", "targets", "includes"), findings, place)
    names: dict[Language, str] = {}
    includes: dict[Language, tuple[str, ...]] = {}
    if "names" in keys:
        for language, entry in _by_language(keys["names"], f"{place}.names", findings).items():
            names[language] = word(entry, f"{place}.names.{language}", findings) or key
    if "includes" in keys:
        at = f"{place}.includes"
        for language, entry in _by_language(keys["includes"], at, findings).items():
            includes[language] = tuple(text for text, _ in words(entry, at, findings))
    targets: dict[Severity, Target] = {}
    if "targets" in keys:
        for severity, entry in mapping(
            keys["targets"], f"{place}.targets", findings, SEVERITIES
        ).items():
            target = _target(entry, f"{place}.targets.{severity}", findings)
            if target is not None:
                targets[cast(Severity, severity)] = target
    aliases = words(keys["aliases"], f"{place}.aliases", findings) if "aliases" in keys else []
    return Plan(
        key=key,
        rank=rank,
        names=names,
        aliases=tuple(alias.casefold() for alias, _ in aliases),
        technical=flag(keys.get("technical"), f"{place}.technical", findings),
        through_sales=flag(keys.get("through_sales"), f"{place}.through_sales", findings),
        targets=targets,
        includes=includes,
    )


def _by_language(node: yaml.Node, place: str, findings: Findings) -> dict[Language, yaml.Node]:
    found = mapping(node, place, findings, LANGUAGES)
    required(found, LANGUAGES, findings, place)
    return cast(dict[Language, yaml.Node], found)


def _target(node: yaml.Node, place: str, findings: Findings) -> Target | None:
    written = word(node, place, findings)
    if written is None:
        return None
    found = _TARGET.fullmatch(written)
    if found is None:
        findings.add(place, 'write "30 minutes", "2 hours" or "8 business hours"', node)
        return None
    amount = int(found[1])
    minutes = amount if found[2].startswith("minute") else amount * 60
    return Target(minutes, around_the_clock="business" not in found[2])


def _days(node: yaml.Node | None, place: str, findings: Findings) -> tuple[int, ...]:
    if node is None:
        return ()
    found = []
    for day, at in words(node, place, findings):
        if day in _DAYS:
            found.append(_DAYS.index(day))
        else:
            findings.add(place, f"{day}? write {', '.join(_DAYS)}", at)
    if not found:
        findings.add(place, "name at least one day", node)
    return tuple(found)


def _clock(node: yaml.Node | None, place: str, findings: Findings) -> str:
    written = word(node, place, findings) if node is not None else None
    if written is None or not _CLOCK.fullmatch(written):
        findings.add(place, 'write a time such as "09:00"', node)
        return "00:00"
    return written
