"""Everything that happens, in order: the live page, the transcript and event delivery read it."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Self

from bot.sandbox.records import Json

KEPT_CHANGES = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened.

    `kind` is one of: organisation_added, person_added, person_changed, channel_created,
    channel_renamed, channel_archived, channel_unarchived, channel_shared, channel_unshared,
    channel_id_changed, member_joined, member_left, message_posted, message_changed,
    message_deleted, ephemeral_posted, reaction_added, reaction_removed, pin_added, pin_removed,
    file_shared, view_opened, view_changed, view_closed, home_opened, home_published,
    notice (a line only `person` sees, as Slackbot would tell them), app_uninstalled,
    tokens_revoked.
    """

    sequence: int
    at: float
    kind: str
    channel: str = ""
    ts: str = ""
    thread_ts: str = ""
    person: str = ""
    """Who did it, or whose screen it is."""
    only_for: str = ""
    """The one person who may see it, or empty."""
    detail: Json = field(default_factory=dict)

    def as_json(self) -> Json:
        return asdict(self)


Listener = Callable[[Change], None]


class Subscription:
    """A queue of changes of one's own. Close it when done."""

    def __init__(self, close: Callable[[Listener], None]) -> None:
        self._changes: queue.SimpleQueue[Change] = queue.SimpleQueue()
        self._close = close

    def put(self, change: Change) -> None:
        self._changes.put(change)

    def get(self, timeout: float | None = None) -> Change | None:
        """The next change, or None when none came within `timeout` seconds."""
        try:
            return self._changes.get(timeout=timeout)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._close(self.put)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Feed:
    """Numbers changes, keeps the last ones, and tells listeners. Shares the workspace's lock."""

    def __init__(self, lock: threading.RLock, clock: Callable[[], float]) -> None:
        self._lock = lock
        self._arrival = threading.Condition(lock)
        self._clock = clock
        self._kept: deque[Change] = deque(maxlen=KEPT_CHANGES)
        self._listeners: list[Listener] = []
        self.sequence = 0

    def publish(
        self,
        kind: str,
        *,
        channel: str = "",
        ts: str = "",
        thread_ts: str = "",
        person: str = "",
        only_for: str = "",
        detail: Json | None = None,
    ) -> Change:
        with self._lock:
            self.sequence += 1
            change = Change(
                sequence=self.sequence,
                at=self._clock(),
                kind=kind,
                channel=channel,
                ts=ts,
                thread_ts=thread_ts,
                person=person,
                only_for=only_for,
                detail=detail or {},
            )
            self._kept.append(change)
            for listener in tuple(self._listeners):
                listener(change)
            self._arrival.notify_all()
            return change

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` for every change, in the publishing thread and under the lock.

        It must neither block nor raise. Returns the function that ends it.
        """
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._forget(listener)

    def subscribe(self, since: int | None = None) -> Subscription:
        """A queue of changes; with `since`, kept changes after that number come first."""
        subscription = Subscription(self._forget)
        with self._lock:
            if since is not None:
                for change in self.since(since):
                    subscription.put(change)
            self._listeners.append(subscription.put)
        return subscription

    def since(self, sequence: int) -> list[Change]:
        with self._lock:
            missed = self.sequence - sequence
            if missed <= 0:
                return []
            return list(self._kept)[-missed:]

    def wait_beyond(self, sequence: int, timeout: float) -> bool:
        """True once a change after `sequence` exists; False after `timeout` seconds without."""
        with self._arrival:
            return self._arrival.wait_for(lambda: self.sequence > sequence, timeout)

    def _forget(self, listener: Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
