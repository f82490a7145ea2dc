"""Edited and deleted messages: what was said is what stands there now, on both sides and here.

An edit brings copies, card and memory to the new words; a deletion takes the words away
everywhere and leaves the fact that there was a message. Neither asks anything of the bot again:
what was decided about the first words stands.
"""

from __future__ import annotations

from dataclasses import replace

from bot.content.rich_text import readable
from bot.desk.arrivals import MessageDeleted, MessageEdited
from bot.desk.conversation import Conversation
from bot.desk.requests import Request
from bot.desk.roles import public_part
from bot.service.cards import owe_card
from bot.service.copies import Copies
from bot.service.house import House
from bot.service.mirroring import Mirroring
from bot.service.posting import Posting
from bot.service.speech import names_in
from bot.storage.requests import as_request
from bot.storage.tables import RequestMessage
from bot.storage.unit_of_work import UnitOfWork

_GONE = "🗑"
_FREE_TEXT = ("description", "use_case", "feature")


class Changes:
    """Changes of messages within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._copies = Copies(uow, house, posting)
        self._mirror = Mirroring(uow, house, posting)

    def edited(self, edit: MessageEdited) -> str:
        """Returns what was done, for the log."""
        before = self._uow.received.posted(edit.channel, edit.ts)
        old = str(before.payload.get("text", "")) if before else ""
        self._uow.received.reword(edit.channel, edit.ts, edit.text)
        self._remember(edit.channel, edit.ts, edit.text)
        rows = self._uow.requests.messages_at(edit.channel, edit.ts)
        for row in rows:
            request = self._uow.requests.get(row.request_id)
            if request is None or row.deleted_at is not None:
                continue
            if row.side == "staff" and row.channel == request.staff_channel:
                self._staff_edited(request, row, edit)
            elif row.text != (text := _with_its_files(edit.text, row.text)):
                self._words_changed(request, row, text, old or row.text)
        return f"edited in {len(rows)} requests" if rows else "edited: part of no request"

    def deleted(self, deletion: MessageDeleted) -> str:
        self._uow.received.reword(deletion.channel, deletion.ts, "")
        self._forget(deletion.channel, deletion.ts)
        rows = self._uow.requests.messages_at(deletion.channel, deletion.ts)
        for row in rows:
            request = self._uow.requests.get(row.request_id)
            if request is not None and row.deleted_at is None:
                self._words_gone(request, row)
        return f"deleted in {len(rows)} requests" if rows else "deleted: part of no request"

    # --- edits --------------------------------------------------------------------------------

    def _words_changed(self, request: Request, row: RequestMessage, text: str, old: str) -> None:
        answered = row.side == "customer" and self._uow.requests.answered_since(row)
        self._note(row, text)
        self._record(request, row, "message_edited")
        seen = self._copies.refresh(request, row)
        self._reword_request(request, row, old, text)
        if answered and seen:
            self._tell_staff(request, row)

    def _staff_edited(self, request: Request, row: RequestMessage, edit: MessageEdited) -> None:
        """An internal line never crosses, also when an edit makes it one or adds one."""
        words = public_part(edit.text)
        if row.internal:
            taken_back = bool(self._uow.copies.of(row))
            if not words or taken_back:
                self._note(row, edit.text)
                return
            row.internal = False
            self._note(row, _with_its_files(words, row.text))
            self._record(request, row, "note_made_reply")
            self._mirror.send_reply(request, row, again=f":{edit.stamp}")
        elif not words:
            row.internal = True
            self._note(row, edit.text)
            self._record(request, row, "reply_made_note")
            if not self._copies.remove(row):
                self._mirror.unanswer(request, row)
        elif (words := _with_its_files(words, row.text)) != row.text:
            self._note(row, words)
            self._record(request, row, "message_edited")
            self._copies.refresh(request, row)

    def _note(self, row: RequestMessage, text: str) -> None:
        row.text = text
        row.edited_at = self._uow.now

    def _record(self, request: Request, row: RequestMessage, kind: str) -> None:
        # Not the old words: people edit to take something back, too.
        detail = {"message": row.ts}
        self._uow.requests.record(request.id, kind, row.author, row.author_name, detail)

    def _tell_staff(self, request: Request, row: RequestMessage) -> None:
        """What staff answered may not be what stands there now."""
        self._copies.show_edit(request, row)

    # --- deletions ----------------------------------------------------------------------------

    def _words_gone(self, request: Request, row: RequestMessage) -> None:
        old, row.text = row.text, ""
        row.deleted_at = self._uow.now
        self._record(request, row, "message_deleted")
        seen = self._copies.refresh(request, row)
        for copy in self._uow.copies.of(row):
            if copy.kind not in ("transcript", "moved", "file"):
                self._uow.outgoing.forget(copy.key)
        if row.side == "staff" and not row.internal and not seen:
            self._mirror.unanswer(request, row)
        self._reword_request(request, row, old, "")

    # --- what else carries the words ----------------------------------------------------------

    def _reword_request(self, request: Request, row: RequestMessage, old: str, text: str) -> None:
        """The summary and fields of a request that were taken from this message."""
        stored = self._uow.requests.row(request.id)
        assert stored is not None
        before, now = self._plain(old), self._plain(text)
        if row.side != "customer" or not before:
            return
        fields = {
            name: _reworded(value, before, now) if name in _FREE_TEXT else value
            for name, value in stored.fields.items()
        }
        summary = _reworded(stored.summary, before, now)
        if fields == stored.fields and summary == stored.summary:
            return
        stored.fields, stored.summary = fields, summary
        stored.updated_at = self._uow.now
        owe_card(self._uow, self._house, self._posting, as_request(stored))

    def _plain(self, text: str) -> str:
        words = text.replace(self._house.mention(), " ").strip()
        return readable(words, names_in(self._uow, self._house, words))

    def _remember(self, channel: str, ts: str, text: str) -> None:
        """The conversation's memory, of which a request that follows gets its transcript."""
        for row in self._uow.conversations.recent(channel):
            conversation = Conversation.from_json(row.state)
            said = tuple(
                {**entry, "text": text} if entry["ts"] == ts else entry
                for entry in conversation.said
            )
            if said != conversation.said:
                row.state = replace(conversation, said=said).to_json()

    def _forget(self, channel: str, ts: str) -> None:
        """Out of memory, with the request that was being gathered from it."""
        origin = f"{channel}:{ts}"
        for row in self._uow.conversations.recent(channel):
            conversation = Conversation.from_json(row.state)
            gone = [entry["text"] for entry in conversation.said if entry["ts"] == ts]
            if not gone:
                continue
            clarifying = conversation.clarifying_origin == origin
            row.state = replace(
                conversation,
                said=tuple(entry for entry in conversation.said if entry["ts"] != ts),
                drafts=tuple(
                    draft
                    for draft in conversation.drafts
                    if draft.origin != origin and not draft.origin.startswith(f"{origin}:")
                ),
                clarifying=() if clarifying else conversation.clarifying,
                clarifying_text="" if clarifying else conversation.clarifying_text,
                subject="" if conversation.subject in gone else conversation.subject,
            ).to_json()
        self._uow.forget_questions(channel, ts)


def _with_its_files(text: str, before: str) -> str:
    """An edit changes the words of a message, not its files, which are named below them."""
    named = [line for line in before.split("\n") if line.startswith("📎 ")]
    return "\n".join([text, *named]).strip()


def _reworded(value: str, old: str, new: str) -> str:
    """A value that was the message becomes the new one; any part of it goes with a deletion."""
    if value == old:
        return new or _GONE
    return _GONE if not new and value and value in old else value
