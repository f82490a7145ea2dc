"""What every act of a person stands on: the platform, the way to the app, and who may be where."""

from __future__ import annotations

from bot.sandbox.deliveries import Deliveries
from bot.sandbox.errors import ActRefusedError
from bot.sandbox.records import Channel, Message, Organisation, Person
from bot.sandbox.web_api.call import Platform
from bot.sandbox.workspace import Workspace

Someone = Person | str
"""A person: the record, an id, a handle, or a full name."""
Somewhere = Channel | str
"""A channel: the record, an id, or a name with or without #."""


class Stage:
    """Holds what the acts share; `Sandbox` brings them together."""

    platform: Platform
    deliveries: Deliveries

    @property
    def workspace(self) -> Workspace:
        return self.platform.workspace

    def is_external(self, person: Person) -> bool:
        return self.workspace.is_external(person)

    def _member(self, person: Someone, channel: Somewhere) -> tuple[Person, Channel]:
        who = self.workspace.find_person(person)
        where = self.workspace.find_channel(channel)
        if who.id not in where.members:
            raise ActRefusedError(f"{who.shown_name} is not a member of {where.label}.")
        return who, where

    def _writer(self, person: Someone, channel: Somewhere) -> tuple[Person, Channel]:
        """A member who may change something there."""
        who, where = self._member(person, channel)
        if where.is_archived:
            raise ActRefusedError(f"{where.label} is archived.")
        if who.is_deleted:
            raise ActRefusedError(f"{who.shown_name} has been deactivated.")
        return who, where

    def _visible_message(self, person: Person, channel: Channel, ts: str) -> Message:
        message = self.workspace.messages.get(channel.id, ts)
        if message is None or message.only_for not in ("", person.id):
            raise ActRefusedError(f"{person.shown_name} sees no message {ts} in {channel.label}.")
        return message

    def _shared_message(self, person: Person, channel: Channel, ts: str) -> Message:
        """One that everybody there sees: only such take replies, marks and shortcuts."""
        message = self._visible_message(person, channel, ts)
        if message.only_for:
            raise ActRefusedError("That is not offered on a message only one person sees.")
        return message

    def _organisation(self, reference: Organisation | str) -> Organisation:
        if isinstance(reference, Organisation):
            return reference
        for organisation in self.workspace.organisations.values():
            if reference in (organisation.id, organisation.name, organisation.domain):
                return organisation
        raise ActRefusedError(f"There is no organisation {reference!r} here.")
