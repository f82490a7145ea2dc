"""The model: organisations, people, channels, and the stores for messages, files and views.

One lock guards everything (`Workspace.lock`, re-entrant); every operation that changes something
publishes a `Change` on `Workspace.feed`. No operation here asks whether a person *may* do it: that
is the business of the callers (`acts` for people, `web_api` for the app).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable

from bot.sandbox.errors import ActRefusedError
from bot.sandbox.feed import Feed
from bot.sandbox.file_store import FileStore
from bot.sandbox.message_store import MessageStore
from bot.sandbox.records import Channel, Installation, Json, Organisation, Person
from bot.sandbox.view_store import ViewStore

COLOURS = ("2f6f4f", "8a4fff", "c2410c", "0e7490", "be185d", "4d7c0f", "1d4ed8", "a16207")


class Workspace:
    """Starts with the vendor's organisation and the installed app's bot user, and nothing else."""

    def __init__(
        self,
        vendor: str = "Vendor Support",
        domain: str = "vendor",
        app_name: str = "supportbot",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.feed = Feed(self.lock, clock)
        self.public_url = "http://127.0.0.1"
        """Where the running server is reached; file addresses are built on it."""
        self.counters: dict[str, int] = {}
        self.last_ts = 0
        self.organisations: dict[str, Organisation] = {}
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.messages = MessageStore(self)
        self.files = FileStore(self)
        self.views = ViewStore(self)
        self.vendor = self.add_organisation(vendor, domain)
        bot = self.add_person(self.vendor, app_name, app_name, is_bot=True)
        self.app = Installation(
            self.new_id("A"), self.new_id("B"), bot.id, app_name, organisation=self.vendor.id
        )
        self.further: dict[str, Installation] = {}
        """The same app in other organisations that installed it, by organisation."""

    # Identity

    def new_id(self, prefix: str) -> str:
        with self.lock:
            self.counters[prefix] = self.counters.get(prefix, 0) + 1
            return f"{prefix}{self.counters[prefix]:09d}"

    def new_hash(self) -> str:
        return f"{int(self.clock())}.{secrets.token_hex(4)}"

    def next_ts(self) -> str:
        """A message time: the clock's microseconds, or the next free one."""
        with self.lock:
            self.last_ts = max(int(self.clock() * 1_000_000), self.last_ts + 1)
            return f"{self.last_ts // 1_000_000}.{self.last_ts % 1_000_000:06d}"

    # Finding

    def find_person(self, reference: Person | str) -> Person:
        """By record, id, handle (with or without @), or full name."""
        if isinstance(reference, Person):
            return reference
        with self.lock:
            if reference in self.people:
                return self.people[reference]
            wanted = reference.removeprefix("@")
            for person in self.people.values():
                if wanted in (person.name, person.real_name, person.display_name):
                    return person
        raise ActRefusedError(f"Nobody here is called {reference!r}.")

    def find_channel(self, reference: Channel | str) -> Channel:
        """By record, id, or name (with or without #)."""
        if isinstance(reference, Channel):
            return reference
        with self.lock:
            if reference in self.channels:
                return self.channels[reference]
            wanted = reference.removeprefix("#")
            for channel in self.channels.values():
                if channel.name == wanted and not channel.is_im:
                    return channel
        raise ActRefusedError(f"There is no channel {reference!r} here.")

    def channels_of(self, person: Person) -> list[Channel]:
        with self.lock:
            return [channel for channel in self.channels.values() if person.id in channel.members]

    def is_external(self, person: Person) -> bool:
        return person.organisation != self.vendor.id

    # Where the app is installed

    def installations(self) -> list[Installation]:
        """The vendor's first."""
        return [self.app, *(one for one in self.further.values() if one.is_installed)]

    def installation_at(self, organisation: str) -> Installation:
        """The organisation's own, else the vendor's."""
        own = self.further.get(organisation)
        return own if own is not None and own.is_installed else self.app

    def installation_in(self, channel: Channel | None) -> Installation:
        """The one whose bot is in the channel; the vendor's where none is, or several are."""
        if channel is not None and self.app.bot_user not in channel.members:
            for own in self.installations():
                if own.bot_user in channel.members:
                    return own
        return self.app

    def install(self, organisation: Organisation) -> Installation:
        """Into an organisation, or into it once more: its bot user is the one it had."""
        with self.lock:
            if organisation.id == self.vendor.id:
                self.app.is_installed = True
                return self.app
            own = self.further.get(organisation.id)
            if own is None:
                name = self.app.name
                bot = self.add_person(organisation, name, name, is_bot=True)
                bot_id = self.new_id("B")
                own = Installation(self.app.app_id, bot_id, bot.id, name)
                own.organisation = organisation.id
                self.further[organisation.id] = own
            own.is_installed = True
            return own

    # Organisations and people

    def add_organisation(self, name: str, domain: str) -> Organisation:
        with self.lock:
            organisation = Organisation(self.new_id("T"), name, domain)
            self.organisations[organisation.id] = organisation
            self.feed.publish("organisation_added", detail={"organisation": organisation.id})
            return organisation

    def add_person(
        self,
        organisation: Organisation,
        name: str,
        real_name: str,
        *,
        display_name: str = "",
        locale: str = "en-US",
        tz: str = "UTC",
        is_admin: bool = False,
        is_bot: bool = False,
    ) -> Person:
        with self.lock:
            person = Person(
                id=self.new_id("U"),
                organisation=organisation.id,
                name=name,
                real_name=real_name,
                display_name=display_name,
                email=f"{name}@{organisation.domain}.example",
                locale=locale,
                tz=tz,
                colour=COLOURS[len(self.people) % len(COLOURS)],
                is_admin=is_admin,
                is_bot=is_bot,
            )
            self.people[person.id] = person
            self.feed.publish("person_added", person=person.id)
            return person

    def deactivate(self, person: Person) -> None:
        with self.lock:
            person.is_deleted = True
            self.feed.publish("person_changed", person=person.id)

    # Channels

    def add_channel(
        self,
        name: str,
        members: Iterable[Person] = (),
        *,
        shared_with: Iterable[Organisation] = (),
        is_private: bool = False,
        purpose: str = "",
        owner: Organisation | None = None,
    ) -> Channel:
        """A channel, of the vendor by default. The members are simply there: no join events."""
        everybody = [person.id for person in members]
        with self.lock:
            channel = Channel(
                id=self.new_id("C"),
                name=name,
                organisation=(owner or self.vendor).id,
                created=int(self.clock()),
                creator=everybody[0] if everybody else self.app.bot_user,
                members=everybody,
                shared_with=[organisation.id for organisation in shared_with],
                is_private=is_private,
                purpose=purpose,
            )
            self.channels[channel.id] = channel
            self.feed.publish("channel_created", channel=channel.id)
            return channel

    def direct_channel(self, person: Person) -> Channel:
        """The conversation between the person and the bot; made when first asked for."""
        app = self.installation_at(person.organisation)
        members = [person.id, app.bot_user]
        with self.lock:
            for channel in self.channels.values():
                if channel.is_im and channel.members == members:
                    return channel
            channel = Channel(
                id=self.new_id("D"),
                name=person.shown_name,
                organisation=app.organisation,
                created=int(self.clock()),
                creator=person.id,
                members=members,
                shared_with=[]
                if person.organisation == app.organisation
                else [person.organisation],
                is_private=True,
                is_im=True,
            )
            self.channels[channel.id] = channel
            self.feed.publish("channel_created", channel=channel.id, person=person.id)
            return channel

    def join(self, channel: Channel, person: Person, inviter: str = "") -> None:
        with self.lock:
            if person.id not in channel.members:
                channel.members.append(person.id)
                self._tell("member_joined", channel, person, inviter=inviter)

    def leave(self, channel: Channel, person: Person) -> None:
        with self.lock:
            if person.id in channel.members:
                channel.members.remove(person.id)
                self._tell("member_left", channel, person)

    def rename(self, channel: Channel, name: str, by: Person) -> None:
        with self.lock:
            old, channel.name = channel.name, name
            self._tell("channel_renamed", channel, by, old_name=old)

    def archive(self, channel: Channel, by: Person) -> None:
        with self.lock:
            channel.is_archived = True
            self._tell("channel_archived", channel, by)

    def unarchive(self, channel: Channel, by: Person) -> None:
        with self.lock:
            channel.is_archived = False
            self._tell("channel_unarchived", channel, by)

    def share(self, channel: Channel, organisation: Organisation) -> None:
        with self.lock:
            if organisation.id not in channel.shared_with:
                channel.shared_with.append(organisation.id)
                self._tell("channel_shared", channel, None, organisation=organisation.id)

    def unshare(self, channel: Channel, organisation: Organisation) -> None:
        """The other organisation's people lose the channel, as when a connection is cut."""
        with self.lock:
            if organisation.id in channel.shared_with:
                channel.shared_with.remove(organisation.id)
                channel.members = [
                    member
                    for member in channel.members
                    if self.people[member].organisation != organisation.id
                ]
                self._tell("channel_unshared", channel, None, organisation=organisation.id)

    def change_channel_id(self, channel: Channel) -> str:
        """Give the channel a new id, as Slack does when sharing starts or ends; returns it."""
        with self.lock:
            old, new = channel.id, self.new_id("C")
            self.channels = {
                (new if key == old else key): value for key, value in self.channels.items()
            }
            channel.id = new
            self.messages.move_channel(old, new)
            self._tell("channel_id_changed", channel, None, old_id=old)
            return new

    # The app and Slackbot

    def uninstall(self, organisation: str = "") -> None:
        """From the vendor, or from another organisation: there the bot leaves its channels."""
        with self.lock:
            app = self.further.get(organisation, self.app)
            app.is_installed = False
            if app is not self.app:
                for channel in self.channels.values():
                    channel.members = [one for one in channel.members if one != app.bot_user]
            detail: Json = {"organisation": app.organisation}
            self.feed.publish("tokens_revoked", detail=detail)
            self.feed.publish("app_uninstalled", detail=detail)

    def notice(self, person: Person, text: str, channel: str = "") -> None:
        """A line only this person sees, as Slackbot would tell them."""
        self.feed.publish(
            "notice", channel=channel, person=person.id, only_for=person.id, detail={"text": text}
        )

    def _tell(self, kind: str, channel: Channel, by: Person | None, **detail: str) -> None:
        told: Json = dict(detail)
        self.feed.publish(kind, channel=channel.id, person=by.id if by else "", detail=told)
