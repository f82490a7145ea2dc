"""The week's figures in the staff channel, every Monday morning."""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from bot.content.times import Times
from bot.service.gaps import open_questions
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.present_channels import staff_home
from bot.service.week_picture import ZONE, picture_payload
from bot.storage.figures import read_figures
from bot.storage.reminders import DueReminder
from bot.storage.unit_of_work import UnitOfWork, look, work

log = logging.getLogger(__name__)

KIND = "weekly_report"
_WEEK = timedelta(days=7)
_HOUR = time(9)
_MOST_QUESTIONS = 100
"""That are compared with one another, which a transaction waits for."""


def weekly_report(uow: UnitOfWork, house: House, posting: Posting, _due: DueReminder) -> str:
    """Owe the post and the picture of the last seven days, and have the next one done in a week."""
    uow.reminders.remind(KIND, next_monday(uow.now), about=KIND)
    since, until = uow.now - _WEEK, uow.now
    unanswered = open_questions(uow, house.answers, since, _MOST_QUESTIONS)
    figures = read_figures(uow.session, since, until, ZONE, unanswered)
    language = house.staff_language
    words = house.content.words
    median = figures.first_response.median
    times = Times(language, lambda key, /, **some: words.say(language, key, **some))
    rendered = house.content.templates.message(
        "weekly_report",
        language,
        figures=figures,
        first_response=times.duration(round(median.total_seconds() / 60))
        if median is not None
        else words.say(language, "report.none"),
    )
    home = staff_home(uow, house)
    key = posting.message(home, rendered, key=f"weekly:{until.date().isoformat()}")
    posting.picture(home, picture_payload(since, until), below=key)
    return f"{figures.opened} requests"


def expect_weekly_report(house: House) -> None:
    """See that the next one is coming; called at the start."""
    now = house.clock()
    with look(house.database, now) as uow:
        if uow.reminders.waits(KIND, about=KIND):
            return
    try:
        with work(house.database, now) as uow:
            uow.reminders.remind(KIND, next_monday(now), about=KIND)
    except IntegrityError:
        log.info("another replica has the weekly report in mind")


def next_monday(now: datetime) -> datetime:
    """Nine o'clock of the Monday after `now`."""
    local = now.astimezone(ZoneInfo(ZONE))
    day = local.date() + timedelta(days=(7 - local.weekday()) % 7)
    moment = datetime.combine(day, _HOUR, ZoneInfo(ZONE))
    return moment if moment > now else moment + _WEEK
