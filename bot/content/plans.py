"""Reads `knowledge/plans.yml`: plans, response targets, business hours, holidays."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import cast

import yaml

from bot.content.problems import ContentError
from bot.content.strict_yaml import Findings, flag, mapping, read_document, required, word, words
from bot.desk.meaning import LANGUAGES, Language
from bot.desk.plans import Plan, PlanBook, Target
from bot.desk.requests import SEVERITIES, Severity

_KEYS = ("plans", "default", "business_hours", "holidays")
_PLAN_KEYS = ("names", "aliases", "technical", "through_sales", "targets", "includes")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TARGET = re.compile(r"(\d+) (minutes?|hours?|business hours?)")
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
    hours = mapping(keys["business_hours"], "business_hours", findings, ("days", "from", "to"))
    required(hours, ("days", "from", "to"), findings, "business_hours")
    days = _days(hours.get("days"), findings)
    opens, closes = (
        _clock(hours.get(end), f"business_hours.{end}", findings) for end in ("from", "to")
    )
    if opens >= closes:
        findings.add("business_hours", f"ends ({closes}) before it starts ({opens})")
    holidays = keys.get("holidays")
    dates = words(holidays, "holidays", findings) if holidays is not None else []
    for written, at in dates:
        if not _is_date(written):
            findings.add("holidays", f'{written} is no date; write "2026-12-31"', at)
    holidays_found = frozenset(written for written, _ in dates)
    return PlanBook(plans, default, days, opens, closes, holidays_found)


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


def _days(node: yaml.Node | None, findings: Findings) -> tuple[int, ...]:
    if node is None:
        return ()
    found = []
    for day, at in words(node, "business_hours.days", findings):
        if day in _DAYS:
            found.append(_DAYS.index(day))
        else:
            findings.add("business_hours.days", f"{day}? write {', '.join(_DAYS)}", at)
    if not found:
        findings.add("business_hours.days", "name at least one day", node)
    return tuple(found)


def _clock(node: yaml.Node | None, place: str, findings: Findings) -> str:
    written = word(node, place, findings) if node is not None else None
    if written is None or not _CLOCK.fullmatch(written):
        findings.add(place, 'write a time such as "09:00"', node)
        return "00:00"
    return written
