"""Buttons that customers press in their channel, a DM or the App Home."""

from __future__ import annotations

from dataclasses import replace

from bot.desk.arrivals import ButtonPressed
from bot.desk.conversation import Conversation
from bot.desk.decisions import OpenRequest, Say, ShowHelp, ShowPlan, ShowRequests, UpdateRequest
from bot.desk.drafts import answer_field, cancel, choose, confirm, start
from bot.desk.errors import NotAllowed
from bot.desk.heard import Turn
from bot.desk.meaning import Candidate, Language, language_of
from bot.service.documents import Documents
from bot.service.house import House
from bot.service.mail_wishes import NO_MAIL, decline_mail
from bot.service.performing import Performing
from bot.service.posting import Posting
from bot.service.ratings import rate
from bot.service.speech import Actor, Place
from bot.service.why import why
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork


class Presses:
    """Handles customers' buttons within one transaction."""

    def __init__(self, uow: UnitOfWork, house: House, posting: Posting) -> None:
        self._uow = uow
        self._house = house
        self._posting = posting
        self._performing = Performing(uow, house, posting)

    def press(self, press: ButtonPressed, account: LinkedAccount, actor: Actor) -> str:
        """Do what the button says, in the thread where it was pressed. Raises `NotAllowed`."""
        if press.action == NO_MAIL:
            return decline_mail(self._uow, self._house, self._posting, press, account)
        if press.action.startswith("do.rate:"):
            return rate(self._uow, self._house, self._posting, press, account)
        channel = press.channel or account.channel
        thread = press.thread_ts or press.message_ts
        on_board = self._uow.outgoing.is_board(channel, thread)
        place = Place(account, channel, thread, actor, on_board)
        conversation = self._uow.conversations.load(channel, place.memory) or Conversation()
        if conversation.language is None:
            conversation = replace(conversation, language=account.language)
        verb, _, rest = press.action.partition(":")
        if verb == "do.why":
            return self._why(press, place, conversation)
        if verb in ("do.helped", "do.ask"):
            return self._documents(verb, rest, press, place, conversation)
        turn = self._turn(verb, rest, press, conversation, place)
        return self._performing.perform(turn, place)

    def _turn(
        self, verb: str, rest: str, press: ButtonPressed, conversation: Conversation, place: Place
    ) -> Turn:
        around = self._performing.surroundings(place.account)
        origin = f"{place.channel}:{press.message_ts}:{press.user}:{press.stamp}"
        match verb:
            case "do.answer":
                return answer_field(conversation, rest.partition(":")[0], press.value, around)
            case "do.clarify":
                if not conversation.clarifying:
                    return Turn(conversation, (Say("question.no_longer_open"),))
                return choose(conversation, rest, origin, around)
            case "do.confirm":
                return confirm(conversation, yes=rest == "yes", around=around)
            case "do.held":
                return self._held(conversation, add=rest == "add", number=press.value)
            case "do.cancel":
                return cancel(conversation, around)
            case "do.status":
                return Turn(conversation, (ShowRequests(press.value),))
            case "do.close":
                return Turn(conversation, (UpdateRequest("close", "", press.value),))
            case "do.plan":
                return Turn(conversation, (ShowPlan(),))
            case "do.help":
                return Turn(conversation, (ShowHelp(),))
            case "do.start":
                intent, _, target = rest.partition(":")
                slots = {"target": target} if target else {}
                wanted = Candidate(intent, 1.0, slots)
                words = self._question(press.value) or self._intent_words(intent, conversation)
                return start(conversation, (wanted,), words, origin, around)
            case _:
                raise NotAllowed("not_now.unknown_button")

    def _why(self, press: ButtonPressed, place: Place, conversation: Conversation) -> str:
        """The counted intervals behind a promised time, for the one who asked."""
        request = self._performing.own.named(press.value, place.account)
        if request is None:
            raise NotAllowed("not_now.no_such_request")
        asks_about_own = request.requester == place.actor.user
        spoken = request.language if asks_about_own else conversation.language
        language = spoken or place.account.language
        rendered = why(self._uow, self._house, request, language, staff=False)
        self._posting.whisper(
            place.channel,
            place.actor.user,
            rendered,
            # Where the message is no reply, a whisper in its thread would hardly be seen.
            thread=press.thread_ts,
            account_id=place.account.id,
            or_reply=True,
        )
        return f"why {request.number}"

    def _held(self, conversation: Conversation, *, add: bool, number: str) -> Turn:
        """What was asked for a second time: added to the open request, or opened all the same."""
        if not conversation.held:
            return Turn(conversation, (Say("question.no_longer_open"),))
        wanted = OpenRequest(**{**conversation.held, "anyway": True})
        free = replace(conversation, held={})
        if not add:
            return Turn(free, (wanted,))
        words = self._house.content.words
        language: Language = conversation.language or "en"
        lines = [
            f"{words.say(language, f'field.{name}.label')}: {value}"
            for name, value in wanted.fields.items()
            if value and value != wanted.summary and words.has(f"field.{name}.label")
        ]
        text = "\n".join([wanted.summary, *lines])
        return Turn(free, (UpdateRequest("comment", text, number, unsaid=True),))

    def _intent_words(self, intent: str, conversation: Conversation) -> str:
        language: Language = conversation.language or "en"
        return str(self._house.content.words.say(language, f"intent.{intent}"))

    def _question(self, answer_id: str) -> str:
        """The question behind "open a request instead" under an answer."""
        given = self._uow.answer(int(answer_id)) if answer_id.isdigit() else None
        return given.question if given else ""

    def _documents(
        self,
        verb: str,
        rest: str,
        press: ButtonPressed,
        place: Place,
        conversation: Conversation,
    ) -> str:
        given = self._uow.answer(int(press.value)) if press.value.isdigit() else None
        if given is None or given.account_id != place.account.id:
            raise NotAllowed("not_now.unknown_button")
        language = conversation.language or language_of(given.language)
        if verb == "do.helped":
            given.vote = rest
            rendered = self._house.content.templates.message(
                "voted", language, helped=rest == "yes", answer_id=press.value
            )
            self._posting.whisper(
                place.channel,
                place.actor.user,
                rendered,
                thread=place.thread,
                account_id=place.account.id,
            )
            return f"vote {rest}"
        Documents(
            self._uow,
            self._house,
            self._posting,
            channel=place.channel,
            thread=place.thread,
            account=place.account,
            language=language,
        ).show_choice(given, int(rest))
        return "suggestion"
