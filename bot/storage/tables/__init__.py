"""The tables. Every rule of uniqueness that a promise rests on is a key here, not a check in code.

| promise                                   | key                                             |
|-------------------------------------------|-------------------------------------------------|
| a redelivered event is handled once       | `inbox.event_key`, `inbox.message_key`          |
| a message opens a request once            | `request.origin`                                |
| a message is part of a request once       | `request_message (request_id, channel, ts)`     |
| a message belongs to its request's account| composite foreign key to `request`              |
| the same thing is posted once             | `outbox.key`                                    |
| a thing is done later once              | `reminder (kind, about)`                        |
| a copy is found from its original         | `message_copy (message_id, key)`                |
| a reaction is shown once                  | `message_reaction` (its primary key)            |
| a channel belongs to one account          | `channel.channel` is the primary key            |
| a person is asked for an address once     | `mail_wish.user` is the primary key             |
| staff hear of an outdated answer once     | `answer_recall (answer_id, version)`            |
| a version of the documents is one thing   | `kb_version.number` is the primary key          |
| an id is never given twice                | `AUTOINCREMENT` on SQLite, as elsewhere anyway  |
| a channel is in one workspace             | `workspace_channel.channel` is the primary key  |
| an installation that was begun ends once  | `oauth_state.state`, deleted by whoever ends it |

What becomes of each table's rows when a customer is forgotten says `bot.storage.forgetting`.
"""

from __future__ import annotations

from bot.storage.tables.accounts import (
    Account,
    Channel,
    ChannelMove,
    Cluster,
    MailWish,
    OnCall,
    Person,
    Presence,
    QueueChannel,
)
from bot.storage.tables.documents import (
    AnswerRecall,
    GivenAnswer,
    KbPage,
    KbSection,
    KbSync,
    KbVersion,
)
from bot.storage.tables.queues import Inbox, Outbox, Place, Reminder
from bot.storage.tables.records import Audit, IntentMark, ShadowDecision
from bot.storage.tables.requests import (
    Announcement,
    Conversation,
    MessageCopy,
    MessageReaction,
    Rating,
    RequestEvent,
    RequestMessage,
    SupportRequest,
)
from bot.storage.tables.workspaces import OAuthState, Workspace, WorkspaceChannel

__all__ = [
    "Account",
    "Announcement",
    "AnswerRecall",
    "Audit",
    "Channel",
    "ChannelMove",
    "Cluster",
    "Conversation",
    "GivenAnswer",
    "Inbox",
    "IntentMark",
    "KbPage",
    "KbSection",
    "KbSync",
    "KbVersion",
    "MailWish",
    "MessageCopy",
    "MessageReaction",
    "OAuthState",
    "OnCall",
    "Outbox",
    "Person",
    "Place",
    "Presence",
    "QueueChannel",
    "Rating",
    "Reminder",
    "RequestEvent",
    "RequestMessage",
    "ShadowDecision",
    "SupportRequest",
    "Workspace",
    "WorkspaceChannel",
]
