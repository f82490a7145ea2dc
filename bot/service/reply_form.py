"""The form in which staff answer: their own words, a saved reply, or a page of the documents.

Only reads: it is shown while the person waits. Slack keeps what was typed into an input as long as
its block has the same id, so the id names what the text was filled from (`text#may_we_close`).
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.blocks import Block
from bot.content.saved_replies import LONGEST, SavedReply, first_name
from bot.desk.requests import Request
from bot.service.house import House
from bot.storage.unit_of_work import UnitOfWork


class ReplyForm:
    """The form for one person and one request."""

    def __init__(self, uow: UnitOfWork, house: House, request: Request, user: str) -> None:
        self._uow = uow
        self._house = house
        self._request = request
        self._user = user

    def empty(self) -> Block:
        return self._form("", "", "")

    def with_page(self, title: str, url: str) -> Block:
        """A page that the documents offer, in a sentence in the customer's language."""
        words = self._house.content.words
        sentence = words.say(self._request.language, "reply.see_page", title="{}", url="{}")
        return self._form(sentence.replace("{}", title, 1).replace("{}", url, 1), "", "page")

    def with_saved(self, key: str, typed: str, before: str) -> Block:
        """A saved reply; what the person had typed themselves stays above it.

        `before` is the saved reply that was chosen earlier, which this one replaces.
        """
        filled = self._filled(key)
        own = typed.strip()
        if before and own == self._filled(before):
            own = ""
        return self._form("\n\n".join(part for part in (own, filled) if part), key, key)

    def _filled(self, key: str) -> str:
        reply = next((one for one in self._house.content.saved_replies if one.key == key), None)
        return reply.fill(self._request.language, self._values()) if reply else ""

    def _values(self) -> Mapping[str, str]:
        request = self._request
        account = self._uow.accounts.get(request.account_id)
        writer = self._uow.accounts.person(self._user)
        return {
            "customer": first_name(request.requester_name),
            "name": request.requester_name,
            "number": request.number,
            "account": account.name if account else "",
            "owner": writer.name if writer else request.owner_name,
            "cluster": request.fields.get("cluster", ""),
        }

    def _form(self, text: str, saved: str, source: str) -> Block:
        request = self._request
        return self._house.content.templates.modal(
            "reply",
            self._house.staff_language,
            request=request,
            saved=[(one.key, self._title(one)) for one in self._house.content.saved_replies],
            chosen=saved,
            text=text[:LONGEST],
            block=f"text#{source}" if source else "text",
            opened_with={
                "request": str(request.id),
                "channel": request.staff_channel,
                "seen": "",
                "saved": saved,
            },
        )

    def _title(self, reply: SavedReply) -> str:
        return reply.title(self._house.staff_language)
