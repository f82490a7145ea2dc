"""Noticing sockets that went deaf: open by all appearances, but nothing comes through.

The SDK itself reopens a connection whose pongs stay away for four of its pings. What it cannot see
is a connection that answers pings while Slack's messages go nowhere. Three things give it away:
a message that comes again because its first delivery timed out – so one of the *other* connections
did not get it; a message that was found in the history and had not been delivered; and silence
for so long that it costs nothing to make sure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GRACE = 20.0
"""Seconds in which a suspected connection may show that it hears."""
SILENCE = 900.0
"""Seconds; after this long without a message a connection is opened anew anyway."""


@dataclass(slots=True)
class Hearing:
    """What each of some connections heard, by its number; times are seconds, monotonic."""

    connections: int
    began: float
    _heard: dict[int, float] = field(default_factory=dict)
    _suspected: dict[int, float] = field(default_factory=dict)

    def heard(self, connection: int, now: float) -> None:
        """Anything of Slack's came through it."""
        self._heard[connection] = now
        self._suspected.pop(connection, None)

    def timed_out_elsewhere(self, connection: int, now: float) -> None:
        """A message came through it after another connection had not acknowledged it."""
        for other in range(self.connections):
            if other != connection:
                self._suspected.setdefault(other, now)

    def missed(self, now: float) -> None:
        """Something was not delivered at all: nobody is above suspicion."""
        for connection in range(self.connections):
            self._suspected.setdefault(connection, now)

    def deaf(self, now: float) -> list[int]:
        """The connections to be opened anew now."""
        return [
            connection
            for connection in range(self.connections)
            if now - self._suspected.get(connection, now) >= GRACE
            or now - self._heard.get(connection, self.began) >= SILENCE
        ]

    def reopened(self, connection: int, now: float) -> None:
        self.heard(connection, now)
