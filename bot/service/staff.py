"""What staff do: replies in a card's thread, buttons of the card, words to the bot."""

from __future__ import annotations

from collections.abc import Mapping

from bot.content.rich_text import as_sent
from bot.desk.arrivals import ButtonPressed, FormSubmitted, MessagePosted
from bot.desk.errors import NotAllowed
from bot.desk.processes import read_day
from bot.desk.requests import SEVERITIES, Request, id_of
from bot.desk.roles import Deed, Role, public_part, require
from bot.desk.tags import read_tags
from bot.service.documents import Documents
from bot.service.form_pictures import must_be_as_seen
from bot.service.house import House
from bot.service.posting import Posting
from bot.service.speech import Actor, Said, with_files
from bot.service.staff_actions import StaffActions
from bot.service.ticketing import Ticketing
from bot.service.why import why
from bot.storage.unit_of_work import UnitOfWork

STAFF_BUTTONS = frozenset(
    {
        "do.claim",
        "do.take_over",
        "do.wait",
        "do.reopen",
        "do.finish",
        "do.staff_why",
        "do.undo",
    }
)
"""Those of a card that do something at once; the others open a form."""
_TAKEN_BACK = "leftwards_arrow_with_hook"
"""Put on a reply that was taken back, so that colleagues see that it was not sent."""


class Staff:
    """Handles staff within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._tickets = Ticketing(uow, house, posting)

    def message(self, message: MessagePosted, actor: Actor, role: Role) -> str:
        """A message in a staff channel; returns what was decided, for the log."""
        mentioned = self._house.mention() in message.text
        request = (
            self._uow.requests.of_card(message.channel, message.thread_ts)
            if message.thread_ts
            else None
        )
        if request is not None and not mentioned:
            require(role, Deed.WORK_ON_REQUESTS)
            if request.merged_into is not None:
                return self._for_survivor(request, message, actor)
            if not self._uow.requests.has_card_at(request, message.channel, message.thread_ts):
                raise NotAllowed("staff.moved_not_sent", channel=request.staff_channel)
            words = public_part(message.text)
            internal = not words and bool(message.text.strip())
            text = with_files(message.text if internal else words, message.files)
            said = Said(message.ts, actor.user, actor.name, text)
            mirror = self._tickets.mirror
            mirror.staff_said(request, said, internal=internal, channel=message.channel)
            return "note" if internal else "relayed"
        if mentioned:
            # Whoever was let into this channel from outside may not ask about anybody's requests.
            require(role, Deed.WORK_ON_REQUESTS)
            return self.asked(message)
        return "silent: staff talk"

    def _for_survivor(self, request: Request, message: MessagePosted, actor: Actor) -> str:
        """Staff answered below the card of a merged request: the other one's customer gets it."""
        survivor = self._uow.requests.survivor(request)
        words = public_part(message.text)
        internal = not words and bool(message.text.strip())
        text = with_files(message.text if internal else words, message.files)
        said = Said(message.ts, actor.user, actor.name, text)
        mirror = self._tickets.mirror
        kept = mirror.staff_said(survivor, said, internal=internal, channel=message.channel)
        if kept is not None:
            mirror.copies.show_to_colleagues(survivor, kept)
        return f"for {survivor.number}, into which it was merged"

    def relayed_from_customer_channel(
        self, message: MessagePosted, actor: Actor, request: Request
    ) -> str:
        """Staff wrote in the customer's thread themselves: their colleagues see it too."""
        text = with_files(message.text, message.files)
        said = Said(message.ts, actor.user, actor.name, text)
        self._tickets.mirror.staff_wrote_to_customer(request, said, message.channel)
        return "staff in customer thread"

    def asked(self, message: MessagePosted) -> str:
        """Staff ask the bot: the state of a request, or the documents."""
        words = message.text.replace(self._house.mention(), " ").strip()
        language = self._house.staff_language
        meaning = self._house.reader.understand(words)
        number = meaning.slots.get("ticket", "")
        request = self._uow.requests.get(id_of(number) or 0) if number else None
        if request is not None:
            rendered = self._house.content.templates.message(
                "status",
                language,
                request=request,
                staff=True,
                history=self._uow.requests.history(request.id),
                account=self._uow.accounts.get(request.account_id),
            )
            self._posting.message(message.channel, rendered, thread=message.root)
            return "status for staff"
        if not words or meaning.intent != "ask_docs":
            rendered = self._house.content.templates.message("staff_help", language)
            self._posting.message(message.channel, rendered, thread=message.root)
            return "help for staff"
        Documents(
            self._uow,
            self._house,
            self._posting,
            channel=message.channel,
            thread=message.root,
            account=None,
            language=meaning.language,
        ).answer(words)
        return "documents for staff"

    # --- buttons and forms --------------------------------------------------------------------

    def press(self, press: ButtonPressed, actor: Actor, role: Role) -> str:
        """A button of a card. Raises `NotAllowed`."""
        require(role, Deed.WORK_ON_REQUESTS)
        if press.action == "do.undo":
            return self._undo(press)
        identity, _, seen_owner = press.value.partition(":")
        actions = self._actions(identity, press.channel, actor, role)
        verb = press.action.removeprefix("do.")
        match verb:
            case "claim":
                actions.claim()
            case "take_over":
                actions.take_over(seen_owner)
            case "wait":
                actions.wait()
            case "reopen":
                actions.reopen()
            case "finish":
                actions.finish()
            case "staff_why":
                self._why(actions.request, press)
            case _:
                raise NotAllowed("not_now.unknown_button")
        return f"{verb} {actions.request.number}"

    def _why(self, request: Request, press: ButtonPressed) -> None:
        """The counted intervals behind the promised time, for the one who asked."""
        rendered = why(self._uow, self._house, request, self._house.staff_language, staff=True)
        # Without a thread: the card is seen in the channel, and so is a whisper there.
        self._posting.whisper(press.channel, press.user, rendered, thread=press.thread_ts)

    def _undo(self, press: ButtonPressed) -> str:
        """Take a reply back that was not sent yet; what became of it stands in place of the button.

        On a message of somebody else's request there is no such button.
        """
        message = self._uow.requests.message(int(press.value)) if press.value.isdigit() else None
        request = self._uow.requests.get(message.request_id) if message else None
        if message is None or request is None or request.staff_channel != press.channel:
            raise NotAllowed("not_now.no_such_request")
        taken_back = self._tickets.mirror.take_back(request, message)
        if taken_back and not message.ts.startswith("form:"):
            self._posting.react(message.channel, message.ts, _TAKEN_BACK)
        rendered = self._house.content.templates.message(
            "say",
            self._house.staff_language,
            sentence="undo.done" if taken_back else "undo.too_late",
            words={},
        )
        self._posting.respond(press.response_url, rendered, press.user, replace=True)
        return "reply taken back" if taken_back else "too late to take back"

    def submit(self, form: FormSubmitted, actor: Actor, role: Role) -> str:
        """A staff form. Raises `NotAllowed`."""
        require(role, Deed.WORK_ON_REQUESTS)
        channel = form.context.get("channel", "")
        actions = self._actions(form.context.get("request", ""), channel, actor, role)
        request, values = actions.request, form.values
        must_be_as_seen(self._uow, request, form)
        match form.form:
            case "reply":
                self._reply(request, form, actor)
            case "assign":
                actions.assign(values.get("person", ""), values.get("note", ""))
            case "triage":
                self._triage(actions, values)
            case "resolve":
                actions.resolve(values.get("note", ""))
            case "close":
                actions.close(values.get("note", ""))
            case "approve":
                actions.approve(read_day(values.get("end", "")), values.get("note", ""))
            case "decline":
                actions.decline(values.get("note", ""))
            case "severity":
                chosen = values["severity"]
                severity = next(level for level in SEVERITIES if level == chosen)
                actions.set_severity(severity, values.get("reason", ""))
            case "misread":
                actions.misread(values.get("right", ""))
            case _:
                raise NotAllowed("not_now.unknown_form")
        return f"{form.form} {request.number}"

    def _reply(self, request: Request, form: FormSubmitted, actor: Actor) -> None:
        words = public_part(form.values["text"])
        internal = not words
        text = as_sent(form.values["text"] if internal else words)
        said = Said(f"form:{form.view_id}", actor.user, actor.name, text)
        mirror = self._tickets.mirror
        kept = mirror.staff_said(request, said, internal=internal, channel=request.staff_channel)
        if kept is not None:
            mirror.copies.show_to_colleagues(request, kept)

    def _triage(self, actions: StaffActions, values: Mapping[str, str]) -> None:
        """Tags first: a change of queue draws the card anew."""
        tags = read_tags(values.get("tags", ""))
        if tags != actions.request.tags:
            actions.set_tags(tags)
        queue = values.get("queue") or actions.request.queue
        if queue != actions.request.queue:
            actions.queue(queue)

    def _actions(self, identity: str, channel: str, actor: Actor, role: Role) -> StaffActions:
        """The request of a card in this channel, kept for this transaction."""
        if not identity.isdigit():
            raise NotAllowed("not_now.no_such_request")
        actions = StaffActions(self._uow, self._house, self._posting, int(identity), actor, role)
        if actions.request.staff_channel != channel:
            raise NotAllowed("not_now.no_such_request")
        return actions
