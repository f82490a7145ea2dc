"""Copies of messages on the other side: shown, kept as their originals are, taken away again.

A copy is an outbox entry. While it surely has not been sent it is simply changed or withdrawn;
otherwise a change of it is owed in the same lane, behind it, so the order is right whatever the
sender is doing at this very moment.
"""

from __future__ import annotations

from datetime import timedelta

from bot.content.templates import Rendered
from bot.desk.requests import Request
from bot.service.file_copies import copy_payload
from bot.service.house import House
from bot.service.posting import AT_ONCE, REMOVE, Posting, key_ref
from bot.service.speech import rich
from bot.storage.tables import MessageCopy, Outbox, RequestMessage
from bot.storage.unit_of_work import UnitOfWork

_GONE = frozenset({"dead", "withdrawn"})


class Copies:
    """Copies within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting

    # --- making -------------------------------------------------------------------------------

    def show(
        self, request: Request, message: RequestMessage, *, hold: timedelta, again: str = ""
    ) -> str:
        """Owe a message's copy in the other thread, once; `again` makes another one of it.

        It is sent after `hold`. Returns the outbox key.
        """
        key = f"mirror:{message.channel}:{message.ts}:{request.id}{again}"
        rendered = self._text(request, message, edited=False)
        if message.side == "customer":
            self._owe(request.staff_channel, rendered, key_ref(request.card), key, request)
        else:
            self._posting.message(
                request.channel,
                rendered,
                thread=request.thread_ts,
                key=key,
                account_id=request.account_id,
                request_id=request.id,
                hold=hold,
            )
        self._uow.copies.add(message, key, "text")
        self.show_files(request, message, hold=hold, again=again)
        return key

    def show_files(
        self,
        request: Request,
        message: RequestMessage,
        *,
        hold: timedelta = AT_ONCE,
        to_staff: bool = False,
        again: str = "",
    ) -> None:
        """Owe the copies of a message's files, behind its words."""
        to_staff = to_staff or message.side == "customer"
        language = self._house.staff_language if to_staff else request.language
        channel = request.staff_channel if to_staff else request.channel
        thread = key_ref(request.card) if to_staff else request.thread_ts
        for file in self._uow.received.files(message.channel, message.ts):
            if not file.id:
                continue
            key = f"file:{message.channel}:{message.ts}:{file.id}:{request.id}{again}"
            self._posting.file(
                channel,
                copy_payload(
                    file, message.channel, message.author_name, language, for_staff=to_staff
                ),
                thread=thread,
                key=key,
                account_id=None if to_staff else request.account_id,
                request_id=request.id,
                hold=hold,
            )
            self._uow.copies.add(message, key, "file")

    def show_to_colleagues(self, request: Request, message: RequestMessage) -> None:
        """Staff's own words that were written in a form or elsewhere, in the card's thread."""
        key = f"shown:{message.channel}:{message.ts}:{request.id}"
        rendered = self._shown(request, message, edited=False)
        self._owe(request.staff_channel, rendered, key_ref(request.card), key, request)
        self._uow.copies.add(message, key, "shown")
        if message.channel != request.staff_channel:
            self.show_files(request, message, to_staff=True)

    def show_edit(self, request: Request, message: RequestMessage) -> None:
        """Tell staff what a message that they had answered says now; it follows like a copy."""
        rendered = self._notice(message)
        thread = key_ref(request.card)
        key = self._posting.message(
            request.staff_channel, rendered, thread=thread, request_id=request.id
        )
        self._uow.copies.add(message, key, "notice")

    def show_transcript(self, request: Request, messages: list[RequestMessage]) -> None:
        """The conversation so far as one post in the card's thread."""
        key = f"transcript:{request.id}"
        for message in messages:
            self._uow.copies.add(message, key, "transcript")
        rendered = self._transcript(request, key)
        self._owe(request.staff_channel, rendered, key_ref(request.card), key, request)
        for message in messages:
            if message.side == "customer":
                self.show_files(request, message)

    def show_moved(self, into: Request, request: Request, messages: list[RequestMessage]) -> None:
        """The conversation of a request that was merged into another, for the other's staff."""
        key = f"moved:{request.id}:{into.id}"
        for message in messages:
            self._uow.copies.add(message, key, "moved")
        rendered = self._moved(request, key)
        self._owe(into.staff_channel, rendered, key_ref(into.card), key, into)

    def mark_moved(self, request: Request, message: RequestMessage, into: Request) -> None:
        """Where the message was shown to staff stands where it went."""
        for copy in self._uow.copies.of(message):
            entry = self._entry(copy)
            self._uow.copies.drop(copy)
            if entry is None:
                continue
            if copy.kind == "transcript":
                rendered = self._transcript(request, copy.key)
            elif copy.kind == "text":
                rendered = self._house.content.templates.message(
                    "message_moved", self._house.staff_language, number=into.number
                )
            else:
                continue
            self._posting.follow(entry, "chat.update", _payload(rendered))

    def _owe(
        self, channel: str, rendered: Rendered, thread: str, key: str, request: Request
    ) -> None:
        self._posting.message(channel, rendered, thread=thread, key=key, request_id=request.id)

    # --- changing -----------------------------------------------------------------------------

    def refresh(self, request: Request, message: RequestMessage) -> bool:
        """Bring every copy to the message's present words; True when somebody may have seen the
        old ones.

        Of a deleted message only the fact remains that there was one.
        """
        seen = False
        for copy in self._uow.copies.of(message):
            entry = self._entry(copy)
            if entry is None:
                continue
            if copy.kind == "file":
                if message.deleted_at is not None:
                    self._remove_file(entry)
                continue
            if copy.kind == "mail":
                # Its words are looked up when it is sent.
                if message.deleted_at is not None:
                    self._uow.outgoing.amend(entry, state="withdrawn", payload={})
                continue
            if entry.state == "pending" and self._amend(entry, request, message, copy):
                continue
            rendered = self._rendered(request, message, copy, edited=True)
            self._posting.follow(
                entry, "chat.update", _payload(rendered), forget=message.deleted_at is not None
            )
            seen = True
        return seen

    def withdraw(self, message: RequestMessage) -> bool:
        """Hold a message's copies back that were not sent yet; False when it is too late."""
        copies = [copy for copy in self._uow.copies.of(message) if copy.kind in ("text", "file")]
        entries = [entry for copy in copies if (entry := self._entry(copy)) is not None]
        for entry in entries:
            # One lane: while the first of them waits, the others wait behind it.
            if not self._uow.outgoing.amend(entry, state="withdrawn", payload={}):
                return False
        # A mail waits for its copy in Slack, which will not come now.
        self._withdraw_mail(message)
        return bool(entries)

    def _withdraw_mail(self, message: RequestMessage) -> None:
        for copy in self._uow.copies.of(message):
            if copy.kind == "mail" and (entry := self._entry(copy)) is not None:
                self._uow.outgoing.amend(entry, state="withdrawn", payload={})

    def remove(self, message: RequestMessage) -> bool:
        """Take the copies away from the other side; True when one had been seen there."""
        seen = False
        self._withdraw_mail(message)
        for copy in self._uow.copies.of(message):
            entry = self._entry(copy)
            if copy.kind not in ("text", "file"):
                continue
            self._uow.copies.drop(copy)
            if entry is None or self._uow.outgoing.amend(entry, state="withdrawn", payload={}):
                continue
            if copy.kind == "file":
                self._posting.follow(entry, REMOVE, {}, forget=True)
            else:
                self._posting.follow(entry, "chat.delete", {}, forget=True)
            seen = True
        return seen

    def _remove_file(self, entry: Outbox) -> None:
        if not self._uow.outgoing.amend(entry, state="withdrawn", payload={}):
            self._posting.follow(entry, REMOVE, {}, forget=True)

    def _amend(
        self, entry: Outbox, request: Request, message: RequestMessage, copy: MessageCopy
    ) -> bool:
        if message.deleted_at is not None and copy.kind == "text" and message.side == "staff":
            return self._uow.outgoing.amend(entry, state="withdrawn", payload={})
        rendered = self._rendered(request, message, copy, edited=False)
        return self._uow.outgoing.amend(entry, payload={**entry.payload, **_payload(rendered)})

    def _entry(self, copy: MessageCopy) -> Outbox | None:
        entry = self._uow.outgoing.by_key(copy.key)
        return None if entry is None or entry.state in _GONE else entry

    # --- how they look ------------------------------------------------------------------------

    def _rendered(
        self, request: Request, message: RequestMessage, copy: MessageCopy, *, edited: bool
    ) -> Rendered:
        if copy.kind == "transcript":
            return self._transcript(request, copy.key)
        if copy.kind == "moved":
            return self._moved(request, copy.key)
        if copy.kind == "shown":
            return self._shown(request, message, edited=edited)
        if copy.kind == "notice":
            return self._notice(message)
        return self._text(request, message, edited=edited)

    def _text(self, request: Request, message: RequestMessage, *, edited: bool) -> Rendered:
        from_customer = message.side == "customer"
        language = self._house.staff_language if from_customer else request.language
        templates = self._house.content.templates
        if message.deleted_at is not None:
            return templates.message("message_deleted", language, name=message.author_name)
        return templates.message(
            "customer_said" if from_customer else "staff_said",
            language,
            request=request,
            edited=edited,
            elements=rich(self._uow, self._house, message.text, message.author_name),
        )

    def _shown(self, request: Request, message: RequestMessage, *, edited: bool) -> Rendered:
        language = self._house.staff_language
        templates = self._house.content.templates
        if message.deleted_at is not None:
            return templates.message("message_deleted", language, name=message.author_name)
        mark = "🔒" if message.internal else "↗️"
        return templates.message(
            "staff_wrote",
            language,
            request=request,
            internal=message.internal,
            edited=edited,
            elements=rich(self._uow, self._house, message.text, f"{mark} {message.author_name}"),
        )

    def _notice(self, message: RequestMessage) -> Rendered:
        language = self._house.staff_language
        templates = self._house.content.templates
        if message.deleted_at is not None:
            return templates.message("message_deleted", language, name=message.author_name)
        return templates.message(
            "edited_after_answer",
            language,
            name=message.author_name,
            elements=rich(self._uow, self._house, message.text),
        )

    def _transcript(self, request: Request, key: str) -> Rendered:
        return self._house.content.templates.message(
            "transcript",
            self._house.staff_language,
            request=request,
            lines=[self._line(message) for message in self._uow.copies.behind(key)],
        )

    def _moved(self, request: Request, key: str) -> Rendered:
        return self._house.content.templates.message(
            "moved_here",
            self._house.staff_language,
            number=request.number,
            lines=[self._line(message) for message in self._uow.copies.behind(key)],
        )

    def _line(self, message: RequestMessage) -> list[dict[str, object]]:
        if message.deleted_at is not None:
            return rich(self._uow, self._house, "🗑", message.author_name)
        mark = " ✏️" if message.edited_at is not None else ""
        return rich(self._uow, self._house, f"{message.text}{mark}", message.author_name)


def _payload(rendered: Rendered) -> dict[str, object]:
    return {"text": rendered.text, "blocks": rendered.blocks}
