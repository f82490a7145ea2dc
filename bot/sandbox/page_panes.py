"""Brings the templates and what they show together, under the workspace's lock."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment

from bot.sandbox.page_emoji import MORE_REACTIONS, QUICK_REACTIONS
from bot.sandbox.page_fields import options_of, shown_values
from bot.sandbox.page_live import app_state
from bot.sandbox.page_place import HOME, Place, listed_channels
from bot.sandbox.page_reader import Face, Reader, typed_again
from bot.sandbox.page_rows import Row, channel_rows, pinned_rows, thread_rows
from bot.sandbox.page_unread import ReadMarks, Unread
from bot.sandbox.records import Channel, Json, Message, Person, View
from bot.sandbox.server import Sandbox

PANE_TEMPLATES = {
    "people": "people.html",
    "sidebar": "sidebar.html",
    "head": "head.html",
    "messages": "messages.html",
    "thread": "thread.html",
    "home": "home.html",
    "modal": "modal.html",
    "editor": "editor.html",
}


@dataclass(frozen=True, slots=True)
class Listed:
    channel: Channel
    unread: Unread


@dataclass(frozen=True, slots=True)
class Somebody:
    person: Person
    face: Face
    organisation: str
    is_external: bool
    has_unread: bool


class Panes:
    def __init__(self, sandbox: Sandbox, environment: Environment) -> None:
        self._sandbox = sandbox
        self._workspace = sandbox.workspace
        self._environment = environment
        self._marks = ReadMarks(sandbox.workspace)

    def render(self, template: str, place: Place, extra: Json | None = None) -> str:
        with self._workspace.lock:
            self._look(template, place)
            scene = Scene(self._sandbox, place, self._marks)
            asked = extra or {}
            return self._environment.get_template(template).render(
                scene=scene, reader=scene.reader, place=place, asked=asked
            )

    def _look(self, template: str, place: Place) -> None:
        """What is drawn counts as read."""
        if place.channel is None:
            return
        if template in ("page.html", "messages.html"):
            self._marks.look(place.person, place.channel)
        if template in ("page.html", "thread.html") and place.root is not None:
            self._marks.look(place.person, place.channel, place.root.ts)


class Scene:
    """Everything a template may ask for; read while the lock is held."""

    quick_reactions = QUICK_REACTIONS
    more_reactions = MORE_REACTIONS

    def __init__(self, sandbox: Sandbox, place: Place, marks: ReadMarks) -> None:
        self._workspace = sandbox.workspace
        self._manifest = sandbox.platform.manifest
        self._marks = marks
        self.place = place
        self.reader = Reader(sandbox.workspace, place)
        self.app_state = app_state(sandbox)
        self.sequence = sandbox.workspace.feed.sequence
        self.app_name = sandbox.workspace.app.name

    # People and places

    @property
    def people(self) -> list[Somebody]:
        """Customers first, then the vendor's staff."""
        everybody = [one for one in self._workspace.people.values() if not one.is_bot]
        everybody.sort(key=lambda one: not self._workspace.is_external(one))
        return [self._somebody(one) for one in everybody if not one.is_deleted]

    @property
    def me(self) -> Somebody:
        return self._somebody(self.place.person)

    def _somebody(self, person: Person) -> Somebody:
        return Somebody(
            person=person,
            face=self.reader.face(person),
            organisation=self._workspace.organisations[person.organisation].name,
            is_external=self._workspace.is_external(person),
            has_unread=self._marks.anywhere(person),
        )

    @property
    def vendor(self) -> str:
        return self._workspace.vendor.name

    @property
    def bot(self) -> Person:
        return self._workspace.people[self._workspace.app.bot_user]

    @property
    def channels(self) -> list[Listed]:
        person = self.place.person
        return [
            Listed(channel, self._marks.in_channel(person, channel))
            for channel in listed_channels(self._workspace, person)
        ]

    @property
    def direct_unread(self) -> Unread:
        person = self.place.person
        direct = [one for one in self._workspace.channels_of(person) if one.is_im]
        return self._marks.in_channel(person, direct[0]) if direct else Unread()

    @property
    def members(self) -> list[Person]:
        """Of the channel, in the order of joining."""
        channel = self.place.channel
        return [self._workspace.people[one] for one in channel.members] if channel else []

    @property
    def others_here(self) -> list[str]:
        """Organisations in this channel besides the reader's own."""
        channel = self.place.channel
        if channel is None or not channel.shared_with or channel.is_im:
            return []
        here = [channel.organisation, *channel.shared_with]
        own = self.place.person.organisation
        return [self._workspace.organisations[one].name for one in here if one != own]

    @property
    def is_home(self) -> bool:
        return self.place.tab == HOME

    # Messages

    def rows(self) -> list[Row]:
        return channel_rows(self.reader, self._marks)

    def thread(self) -> list[Row]:
        return thread_rows(self.reader)

    def pinned(self) -> list[Row]:
        return pinned_rows(self.reader)

    def typed(self, ts: str) -> str:
        """The person's own message as they typed it."""
        channel = self.place.channel
        message: Message | None = (
            self._workspace.messages.get(channel.id, ts) if channel is not None else None
        )
        if message is None or message.user != self.place.person.id:
            return ""
        return typed_again(self._workspace, message.text)

    # What can be started

    @property
    def may_start(self) -> bool:
        """Commands and shortcuts of an app belong to the organisation it is installed in."""
        return not self._workspace.is_external(self.place.person)

    @property
    def commands(self) -> list[str]:
        return sorted(self._manifest.commands or ())

    def shortcuts(self, *, of_messages: bool) -> list[tuple[str, str]]:
        offered = self._manifest.shortcuts or ()
        return [
            (one.callback_id, one.name or one.callback_id)
            for one in offered
            if one.is_message == of_messages
        ]

    # Views

    @property
    def modal(self) -> View | None:
        return self._workspace.views.top(self.place.person.id)

    @property
    def home(self) -> View | None:
        return self._workspace.views.homes.get(self.place.person.id)

    def values(self, element: Json, state: Json, block_id: str) -> list[str]:
        return shown_values(self._workspace, element, state, block_id)

    def options(self, element: Json) -> list[Json]:
        return options_of(self._workspace, element)
