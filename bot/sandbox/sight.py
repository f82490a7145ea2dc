"""What a person sees, and waiting until they see it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.sandbox.errors import NotSeenError
from bot.sandbox.feed import Change
from bot.sandbox.readable import Control, read_blocks, read_controls, read_mrkdwn
from bot.sandbox.records import File, Message, Person, View
from bot.sandbox.stage import Someone, Somewhere, Stage

_T = TypeVar("_T")
_PRESSED = ("button", "icon_button", "feedback_buttons", "workflow_button")


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as it appears on somebody's screen."""

    channel: str
    ts: str
    thread_ts: str
    author: str
    text: str
    """Blocks flattened to lines; the plain text where there are none."""
    controls: tuple[Control, ...] = ()
    files: tuple[str, ...] = ()
    """Names; a picture's with what screen readers say of it: `week.png: Two bars`."""
    reactions: tuple[str, ...] = ()
    is_ephemeral: bool = False
    is_edited: bool = False
    is_from_app: bool = False

    @property
    def buttons(self) -> list[str]:
        return [control.label for control in self.controls if control.type in _PRESSED]

    def __str__(self) -> str:
        marks = [
            mark for mark, on in (("only you", self.is_ephemeral), ("edited", self.is_edited)) if on
        ]
        head = f"{self.author}{' (' + ', '.join(marks) + ')' if marks else ''}: {self.text}"
        tail = [f"[{button}]" for button in self.buttons]
        tail += [f"<{name}>" for name in self.files] + [f":{name}:" for name in self.reactions]
        return "\n".join([head, *([" ".join(tail)] if tail else [])])


@dataclass(frozen=True, slots=True)
class SeenView:
    """A modal or a home tab on somebody's screen."""

    id: str
    type: str
    title: str
    text: str
    submit: str
    controls: tuple[Control, ...]
    errors: dict[str, str]
    values: dict[str, object]
    """What is filled in so far, Slack's `state.values` flattened to `block/action`."""
    callback_id: str

    @property
    def buttons(self) -> list[str]:
        return [control.label for control in self.controls if control.type in _PRESSED]

    def __str__(self) -> str:
        inputs = [f"{one.block_id}/{one.action_id} ({one.type})" for one in self.controls]
        return "\n".join(
            [f"[{self.type}] {self.title}", self.text, *inputs, str(self.errors or "")]
        )


class Sight(Stage):
    def sees(self, person: Someone, channel: Somewhere, thread_ts: str | None = None) -> list[Seen]:
        """Oldest first: the channel without replies, or one thread with its root.

        Raises ActRefusedError when the person is not a member.
        """
        who, where = self._member(person, channel)
        with self.workspace.lock:
            return [
                self._seen(message)
                for message in self.workspace.messages.in_channel(where.id)
                if message.only_for in ("", who.id)
                and (
                    message.at_top_level
                    if thread_ts is None
                    else thread_ts in (message.ts, message.thread_ts)
                )
            ]

    def modal(self, person: Someone) -> SeenView | None:
        """The visible modal."""
        who = self.workspace.find_person(person)
        with self.workspace.lock:
            view = self.workspace.views.top(who.id)
            return self._seen_view(view) if view is not None else None

    def home(self, person: Someone) -> SeenView | None:
        who = self.workspace.find_person(person)
        with self.workspace.lock:
            view = self.workspace.views.homes.get(who.id)
            return self._seen_view(view) if view is not None else None

    def notices(self, person: Someone) -> list[str]:
        """What Slackbot told the person, as after an act that failed."""
        who = self.workspace.find_person(person)
        return [
            change.detail["text"]
            for change in self.workspace.feed.since(0)
            if change.kind == "notice" and change.person == who.id
        ]

    # Waiting

    def wait_for(
        self,
        look: Callable[[], _T],
        timeout: float = 5.0,
        describe: Callable[[], str] | None = None,
    ) -> _T:
        """Look again after every change until the answer is truthy; then return it.

        Raises NotSeenError, with `describe()` or else the latest changes in its message.
        """
        deadline = time.monotonic() + timeout
        while True:
            sequence = self.workspace.feed.sequence
            found = look()
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                said = describe() if describe is not None else self._latest_changes()
                raise NotSeenError(f"Not seen within {timeout:g} s. {said}")
            # A look may depend on more than the workspace, so look again now and then anyway.
            self.workspace.feed.wait_beyond(sequence, min(left, 0.05))

    def wait_to_see(
        self,
        person: Someone,
        channel: Somewhere,
        what: str | Callable[[Seen], bool],
        *,
        thread_ts: str | None = None,
        timeout: float = 5.0,
        after: str = "",
    ) -> Seen:
        """The first message with these words (or for which `what` holds), later than `after`."""

        def fits(seen: Seen) -> bool:
            if after and float(seen.ts) <= float(after):
                return False
            return what in seen.text if isinstance(what, str) else what(seen)

        def look() -> Seen | None:
            return next(filter(fits, self.sees(person, channel, thread_ts)), None)

        def describe() -> str:
            who = self.workspace.find_person(person)
            seen = "\n".join(
                f"  {line}" for line in map(str, self.sees(person, channel, thread_ts))
            )
            wanted = repr(what) if isinstance(what, str) else "a fitting message"
            return f"{who.shown_name} looked for {wanted} and sees:\n{seen or '  nothing'}"

        found = self.wait_for(look, timeout, describe)
        assert found is not None
        return found

    def wait_for_modal(self, person: Someone, title: str = "", timeout: float = 5.0) -> SeenView:
        def look() -> SeenView | None:
            view = self.modal(person)
            return view if view is not None and title in view.title else None

        found = self.wait_for(look, timeout, lambda: f"Open now: {self.modal(person)}")
        assert found is not None
        return found

    def wait_for_home(self, person: Someone, text: str = "", timeout: float = 5.0) -> SeenView:
        def look() -> SeenView | None:
            view = self.home(person)
            return view if view is not None and text in view.text else None

        found = self.wait_for(look, timeout, lambda: f"Home now: {self.home(person)}")
        assert found is not None
        return found

    def _latest_changes(self) -> str:
        changes: list[Change] = self.workspace.feed.since(self.workspace.feed.sequence - 12)
        lines = [f"  {one.kind} {one.channel} {_said(one)}" for one in changes]
        return "The latest changes:\n" + "\n".join(lines)

    # Rendering

    def _seen(self, message: Message) -> Seen:
        workspace = self.workspace
        text = read_blocks(workspace, message.blocks)
        names = (workspace.files.get(file) for file in message.files)
        return Seen(
            channel=message.channel,
            ts=message.ts,
            thread_ts=message.thread_ts,
            author=message.username or self._author(workspace.people.get(message.user)),
            text=text or read_mrkdwn(workspace, message.text),
            controls=tuple(read_controls(message.blocks)),
            files=tuple(_shown(file) for file in names if file and not file.is_deleted),
            reactions=tuple(message.reactions),
            is_ephemeral=bool(message.only_for),
            is_edited=message.edited is not None,
            is_from_app=bool(message.bot_id),
        )

    @staticmethod
    def _author(person: Person | None) -> str:
        return person.shown_name if person is not None else "Slackbot"

    def _seen_view(self, view: View) -> SeenView:
        blocks, payload = view.payload["blocks"], view.payload
        return SeenView(
            id=view.id,
            type=view.type,
            title=(payload.get("title") or {}).get("text", ""),
            text=read_blocks(self.workspace, blocks),
            submit=(payload.get("submit") or {}).get("text", ""),
            controls=tuple(read_controls(blocks)),
            errors=dict(view.errors),
            values={
                f"{block}/{action}": next(
                    (content for key, content in value.items() if key != "type"), None
                )
                for block, actions in view.state.items()
                for action, value in actions.items()
            },
            callback_id=payload.get("callback_id", ""),
        )


def _said(change: Change) -> str:
    message = change.detail.get("message")
    return repr(message["text"][:80]) if isinstance(message, dict) else ""


def _shown(file: File) -> str:
    return f"{file.name}: {file.alt_text}" if file.alt_text else file.name
