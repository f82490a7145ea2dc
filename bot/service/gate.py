"""The last look before a customer: everything owed to a customer's channel passes `refusal`.

What decides is the entry itself and what is stored now, not the code that made the entry:

0. Where several workspaces have the app, an entry goes only into a channel of its workspace.
1. An entry for an account goes only into a channel of that account.
2. Words into a customer's channel belong to its account; only what has no words (a reaction, a
   pin, a deletion) may come without one.
3. A note of staff, and a line that staff marked as a note, is never shown.
4. The words name no other account. A name counts as it is written, not inside a longer word, from
   four characters on (three outside ASCII); less would be a word of every day. Not counted is what
   cannot tell a secret: names the customer's own people wrote in the request, the sentences of
   `templates/words/`, the public documentation that an answer quotes.

Direct messages are held against 3 and 4 where they are for an account. The answer to a command and
the App Home carry no channel: they go to the one who asked.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from bot.content.blocks import strings_within
from bot.desk.roles import public_part
from bot.service.house import House
from bot.service.places import misplaced
from bot.storage.tables import Outbox, RequestMessage
from bot.storage.unit_of_work import UnitOfWork

_WITHOUT_WORDS = frozenset(
    {"reactions.add", "reactions.remove", "pins.add", "chat.delete", "file.remove"}
)
_SHORTEST, _SHORTEST_BEYOND_ASCII = 4, 3
_MOST_REQUESTS = 200
"""Requests whose customers' words count as known to them, for what is about no single one."""


def refusal(uow: UnitOfWork, house: House, row: Outbox) -> str:
    """Why an entry must not be sent; empty when it may."""
    if not row.channel:
        return ""
    if house.several and (reason := misplaced(uow, house, row.channel, row.team)):
        return reason
    direct = row.channel.startswith(("D", "U", "W"))
    account = None if direct else uow.accounts.of_channel(row.channel)
    ours = row.account_id is None or direct
    if not ours and (account is None or account.id != row.account_id):
        return f"channel {row.channel} is not linked to account {row.account_id}"
    if row.method in _WITHOUT_WORDS:
        return ""
    if row.account_id is None:
        if account is None:
            return ""  # staff, or a channel that is nobody's yet
        return f"words for no account in channel {row.channel} of account {account.id}"
    shown = uow.copies.behind(row.target.removeprefix("key:") or row.key)
    if any(_is_internal(message) for message in shown):
        return "it shows an internal note"
    name = _foreign_name(uow, house, row, row.account_id)
    return f"it names another account: {name}" if name else ""


def _is_internal(message: RequestMessage) -> bool:
    """A note, or staff's words with a line in them that `public_part` would have taken out."""
    return message.internal or (
        message.side == "staff" and public_part(message.text) != message.text.strip()
    )


def _foreign_name(uow: UnitOfWork, house: House, row: Outbox, account_id: int) -> str:
    said = html.unescape("\n".join(strings_within(row.payload)))
    found = uow.accounts.names_within(said, besides=account_id)
    account = uow.accounts.get(account_id) if found else None
    if account is not None:
        said = said.replace(account.name, " ")
    # All our sentences come last: reading them takes longer than everything else here.
    named = [n for n in found if _long_enough(n) and _names(said, n) and not _is_fixed(house, n)]
    if not named or uow.is_answer(row.key):
        return ""
    known = "\n".join(_own_words(uow, row, account_id))
    return next((name for name in named if not _names(known, name)), "")


def _own_words(uow: UnitOfWork, row: Outbox, account_id: int) -> Iterator[str]:
    """What the account's people wrote, and the names of those who take part."""
    if row.request_id is None:
        for one in uow.requests.listed(account_id, limit=_MOST_REQUESTS):
            yield from (one.summary, *one.fields.values(), one.owner_name)
        return
    request = uow.requests.get(row.request_id)
    if request is None or request.account_id != account_id:
        return
    yield from (request.summary, *request.fields.values(), request.owner_name)
    for message in uow.requests.messages(request.id, internal=False):
        yield message.author_name
        if message.side == "customer":
            yield message.text


def _names(text: str, name: str) -> bool:
    # Letters beside it in Chinese and Japanese are no part of it: they put no spaces.
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text) is not None


def _long_enough(name: str) -> bool:
    return len(name) >= (_SHORTEST if name.isascii() else _SHORTEST_BEYOND_ASCII)


def _is_fixed(house: House, name: str) -> bool:
    """A sentence of ours has the name: an account that is called *Support* is no secret."""
    sentences = house.content.words.by_language.values()
    return any(_names(sentence, name) for words in sentences for sentence in words.values())
