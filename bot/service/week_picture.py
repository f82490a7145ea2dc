"""The week's charts below the week's figures: drawn, uploaded and shared once.

An outbox entry with the method `picture.share`, in the lane of the post that it stands below. It
says which days it shows and no more; the figures are read when it is drawn. As with copies of
files (`bot.service.file_copies`), only the sharing cannot be repeated without care: the id of the
upload is saved before, and after an unknown outcome the channel is searched for it.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from bot.content.blocks import unescape
from bot.content.charts import Picture
from bot.content.report_page import ReportPages
from bot.desk.errors import GiveUp
from bot.desk.figures import Figures
from bot.desk.retries import MOST_ATTEMPTS
from bot.service.file_copies import TRANSFER
from bot.service.house import House
from bot.service.ports import SlackGateway
from bot.storage.figures import read_figures
from bot.storage.lanes import Lanes
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import look

ZONE = "UTC"
"""Of the days in the week's figures."""


def picture_payload(since: datetime, until: datetime) -> dict[str, object]:
    """What an entry needs to know."""
    return {"since": since.isoformat(), "until": until.isoformat()}


class WeekPicture:
    """Performs the entries; talks to Slack outside any transaction."""

    def __init__(self, house: House, lanes: Lanes[Outbox]) -> None:
        self._house = house
        self._lanes = lanes
        self._pages = ReportPages(
            house.content.folder / "templates", house.content.words, house.content.plans
        )

    def show(self, slack: SlackGateway, row: Outbox, lease: timedelta) -> str:
        """Share the picture; its ts where an earlier attempt had done it, else empty.

        Raises `GiveUp` when it cannot be drawn, `LostLease`, and what calls to Slack raise.
        """
        if row.attempts > MOST_ATTEMPTS:
            # Drawing broke off each time, which nothing else would count.
            raise GiveUp("the picture of the week could not be drawn")
        uploaded = str(row.payload.get("_uploaded") or "")
        if uploaded:
            found = slack.find_shared(row.channel, "", uploaded, row.created_at)
            if found:
                return found
        else:
            uploaded = self._upload(slack, row, lease)
        slack.share(
            uploaded, str(row.payload["title"]), row.channel, "", str(row.payload["comment"])
        )
        return ""

    def _upload(self, slack: SlackGateway, row: Outbox, lease: timedelta) -> str:
        self._lanes.renew(row, self._house.clock(), TRANSFER)
        since, until = (datetime.fromisoformat(row.payload[name]) for name in ("since", "until"))
        with look(self._house.database, self._house.clock()) as uow:
            figures = read_figures(uow.session, since, until, ZONE)
        drawn = self._pages.picture(figures, self._house.staff_language)
        name = f"week-{until.date().isoformat()}.png"
        content = io.BytesIO(drawn.content)
        uploaded = slack.upload(name, len(drawn.content), content, self._alt(figures))
        row.payload = {
            **row.payload,
            "title": self._title(figures),
            "comment": self._comment(drawn),
            "_uploaded": uploaded,
        }
        self._lanes.renew(row, self._house.clock(), lease, payload=row.payload)
        return uploaded

    def _title(self, figures: Figures) -> str:
        since, until = (day.date().isoformat() for day in (figures.since, figures.until))
        return self._say("report.title", since=since, until=until)

    def _comment(self, drawn: Picture) -> str:
        said = self._say("report.picture")
        return said if drawn.complete else f"{said}\n{self._say('report.letters_missing')}"

    def _alt(self, figures: Figures) -> str:
        """For those who do not see it: the figures it shows."""
        return self._say(
            "report.picture_alt",
            opened=figures.opened,
            kept=figures.kept,
            missed=figures.missed,
            alone=figures.answered_alone,
            unknown=figures.unknown,
            rated=figures.satisfaction.answered,
            average=_one_digit(figures.satisfaction.average),
        )

    def _say(self, key: str, /, **words: object) -> str:
        said = self._house.content.words.say(self._house.staff_language, key, **words)
        return unescape(str(said))


def _one_digit(average: float | None) -> str:
    return "–" if average is None else f"{average:.1f}"
