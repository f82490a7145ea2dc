"""A second message at the top of the channel that belongs to the request before it."""

from __future__ import annotations

from dataclasses import replace

from bot.desk.arrivals import MessagePosted
from bot.desk.conversation import Conversation
from bot.desk.meaning import Meaning
from bot.desk.requests import Request
from bot.desk.same_breath import WITHIN, belongs
from bot.service.mirroring import Mirroring
from bot.service.posting import Posting
from bot.service.speech import Said
from bot.storage.unit_of_work import UnitOfWork

_JOINED = "link"
"""Put on the message, so that its author sees that it went along with the one before."""
_LONG_TEXTS = ("description", "use_case")


class SameBreath:
    """Joins messages within one transaction."""

    def __init__(self, uow: UnitOfWork, posting: Posting, mirror: Mirroring) -> None:
        self._uow = uow
        self._posting = posting
        self._mirror = mirror

    def joins(self, message: MessagePosted, meaning: Meaning) -> str:
        """Root of the person's thread that this message goes on with; empty for a new thought."""
        root = self._uow.conversations.begun_by(message.channel, message.user, WITHIN)
        if not root or float(message.ts) - float(root) > WITHIN.total_seconds():
            return ""
        requests = self._uow.requests.in_thread(message.channel, root)
        draft = self._conversation(message.channel, root).draft
        if requests:
            one = requests[-1]
            fits = one.open and belongs(message.text, meaning, one.intent, one.fields)
        else:
            fits = draft is not None and belongs(message.text, meaning, draft.intent, draft.fields)
        return root if fits else ""

    def join(self, message: MessagePosted, root: str, said: Said) -> str:
        """Add it to the open requests of that thread, or to the one that is being gathered."""
        requests = [one for one in self._uow.requests.in_thread(message.channel, root) if one.open]
        for request in requests:
            self._mirror.customer_said(request, said, message.channel)
        if not requests:
            self._gather(message, root, said)
        self._posting.mark(message.channel, message.ts, "reactions.add", _JOINED)
        return f"joined {_numbers(requests)}"

    def _gather(self, message: MessagePosted, root: str, said: Said) -> None:
        conversation = self._conversation(message.channel, root)
        entry = {"ts": said.ts, "user": said.user, "name": said.name, "text": said.text}
        drafts = conversation.drafts
        if drafts:
            fields = {
                name: f"{value}\n{message.text}" if name in _LONG_TEXTS else value
                for name, value in drafts[-1].fields.items()
            }
            drafts = (*drafts[:-1], replace(drafts[-1], fields=fields))
        joined = replace(conversation, said=(*conversation.said, entry), drafts=drafts)
        self._uow.conversations.save(message.channel, root, message.user, joined)

    def _conversation(self, channel: str, root: str) -> Conversation:
        return self._uow.conversations.load(channel, root) or Conversation()


def _numbers(requests: list[Request]) -> str:
    return ", ".join(request.number for request in requests) or "a request being gathered"
