"""Modals: which one a button opens, what is wrong with a submitted one, what it then does.

Opening and checking happen while the person waits (Slack gives three seconds) and only read;
the submission itself goes through the inbox like everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from bot.content.blocks import Block, unescape
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.conversation import Conversation
from bot.desk.errors import NotAllowed
from bot.desk.forms import Form
from bot.desk.meaning import Language, language_of
from bot.desk.roles import Deed, require
from bot.service import raise_form, recalls
from bot.service.admin_forms import announce_problems, announce_view, link_problems, link_view
from bot.service.directory import role_in, speech
from bot.service.house import House
from bot.service.mail_wishes import FORM as MAIL_FORM
from bot.service.mail_wishes import address_problems, address_view
from bot.service.merge_forms import MERGE_FORMS, merge_problems, merge_view
from bot.service.posting import Posting
from bot.service.present_channels import at_present, context_at_present
from bot.service.ratings import may_add_words
from bot.service.reply_form import ReplyForm
from bot.service.staff_forms import STAFF_FORMS, staff_problems, staff_view
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork, look, work

_LONGEST_TOLD = 2000
"""Characters of a description that is filled in beforehand; Slack's field takes 3,000."""
TOPICS = ("get_cluster_support", "get_org_support", "request_poc", "apply_beta", "upgrade_plan",
          "downgrade_plan", "talk_to_human")  # fmt: skip


class Forms:
    """Views for people who wait."""

    def __init__(self, house: House) -> None:
        self._house = house

    def view(self, press: ButtonPressed) -> Block:
        """The modal behind a `form.…` button. Raises `NotAllowed` with the words to say."""
        verb, _, rest = press.action.partition(":")
        with look(self._house.database, self._house.clock()) as uow:
            press = at_present(uow, press)
            if verb == "form.link":
                return link_view(uow, self._house, press)
            if verb == "form.announce":
                return announce_view(uow, self._house, press)
            if verb.removeprefix("form.") in STAFF_FORMS:
                return staff_view(uow, self._house, press, verb.removeprefix("form."), rest)
            if verb.removeprefix("form.") in MERGE_FORMS:
                return merge_view(uow, self._house, press, verb.removeprefix("form."))
            if verb == f"form.{recalls.FORM}":
                return recalls.recall_view(uow, self._house, press)
            if verb == f"form.{raise_form.NAME}":
                account = account_for(uow, press.channel, press.user)
                return raise_form.raise_view(uow, self._house, press, account)
            account = account_for(uow, press.channel or press.value, press.user)
            if verb == f"form.{MAIL_FORM}":
                return address_view(uow, self._house, press, account)
            if verb == "form.rating":
                return self._rating_view(uow, press, account)
            on_board = uow.outgoing.is_board(press.channel, press.thread_ts)
            thread = "" if on_board else press.thread_ts
            return self._request_view(uow, account, rest or TOPICS[0], press.channel, thread)

    def refuse(self, press: ButtonPressed, error: NotAllowed) -> None:
        """Owe the reason to the one who pressed, where they pressed; from the App Home in a DM."""
        with work(self._house.database, self._house.clock()) as uow:
            press = at_present(uow, press)
            rendered = self._house.content.templates.message(
                "refused",
                speech(uow, self._house, press.channel, press.user),
                sentence=error.reason,
                words={"number": "", **error.words},
                kept="",
            )
            posting = Posting(uow, self._house, f"refused:{press.user}:{press.stamp or uuid4()}")
            account = uow.accounts.of_channel(press.channel)
            if press.channel:
                posting.whisper(
                    press.channel,
                    press.user,
                    rendered,
                    thread=press.thread_ts,
                    account_id=account.id if account else None,
                )
            else:
                posting.message(press.user, rendered)
        self._house.owed.ring()

    def switched(self, context: Mapping[str, str], intent: str) -> Block:
        """The same modal for another topic."""
        with look(self._house.database, self._house.clock()) as uow:
            context = context_at_present(uow, context)
            account = uow.accounts.of_channel(context.get("account_channel", ""))
            if account is None:
                raise NotAllowed("not_allowed.unlinked")
            return self._request_view(
                uow, account, intent, context.get("channel", ""), context.get("thread", "")
            )

    def with_saved_reply(
        self, user: str, context: Mapping[str, str], typed: str, key: str
    ) -> Block:
        """The open reply form again, with a saved reply filled in."""
        with look(self._house.database, self._house.clock()) as uow:
            role = role_in(uow, self._house, user, "", context.get("channel", ""))
            require(role, Deed.WORK_ON_REQUESTS)
            identity = context.get("request", "")
            request = uow.requests.get(int(identity)) if identity.isdigit() else None
            if request is None:
                raise NotAllowed("not_now.no_such_request")
            form = ReplyForm(uow, self._house, request, user)
            return form.with_saved(key, typed, context.get("saved", ""))

    def problems(self, form: FormSubmitted) -> dict[str, str]:
        """Block id → what is wrong, in the person's language; empty when it can be taken."""
        with look(self._house.database, self._house.clock()) as uow:
            form = at_present(uow, form)
            if form.form == "link":
                return link_problems(self._house, form)
            if form.form in MERGE_FORMS:
                staff = self._house.staff_language
                found = merge_problems(uow, form)
                return {block: self._say(staff, key, number="") for block, key in found.items()}
            if form.form == "announce":
                return announce_problems(uow, self._house, form)
            if form.form in STAFF_FORMS:
                return staff_problems(uow, self._house, form)
            if form.form == recalls.FORM:
                return recalls.recall_problems(uow, self._house, form)
            if form.form == raise_form.NAME:
                return raise_form.raise_problems(form, self._house)
            if form.form == MAIL_FORM:
                return address_problems(self._house, form)
            if form.form == "rating":
                return {}
            account = uow.accounts.of_channel(form.context.get("account_channel", ""))
            fields = self._form(form.form.removeprefix("request:")).fields
            language = self._language(form.context, account)
            if account is None:
                return {"topic": self._say(language, "not_allowed.unlinked")}
            return {
                field.name: self._say(language, "form.missing")
                for field in fields
                if field.required and not form.values.get(field.name, "").strip()
            }

    # --- requests -----------------------------------------------------------------------------

    def _request_view(
        self, uow: UnitOfWork, account: LinkedAccount, intent: str, channel: str, thread: str
    ) -> Block:
        if intent not in TOPICS:
            raise NotAllowed("not_now.unknown_button")
        plans = self._house.content.plans
        plan = plans.plan(account.plan)
        conversation = uow.conversations.load(channel, thread) if thread else None
        language = (conversation.language if conversation else None) or account.language
        draft = conversation.draft if conversation else None
        return self._house.content.templates.modal(
            "request",
            language,
            intent=intent,
            topics=TOPICS,
            form=self._form(intent),
            clusters=account.clusters,
            values=draft.fields if draft and draft.intent == intent else self._told(conversation),
            technical=plan.technical,
            plan_name=plan.names[language],
            opened_with={
                "channel": channel,
                "thread": thread,
                "account_channel": account.channel,
                "language": language,
            },
        )

    def _told(self, conversation: Conversation | None) -> Mapping[str, str]:
        """What was said in the thread so far, as the beginning of a description."""
        us = self._house.identity.user
        said = conversation.said if conversation else ()
        texts = [
            entry["text"].replace(self._house.mention(), " ").strip()
            for entry in said
            if entry["user"] != us
        ]
        words = unescape("\n".join(text for text in texts if text))
        return {"description": words[:_LONGEST_TOLD]} if words else {}

    def _rating_view(self, uow: UnitOfWork, press: ButtonPressed, account: LinkedAccount) -> Block:
        request = may_add_words(uow, press, account)
        return self._house.content.templates.modal(
            "rating",
            request.language,
            request=request,
            opened_with={"request": str(request.id), "channel": press.channel},
        )

    def _form(self, intent: str) -> Form:
        handling = self._house.content.handlings.get(intent)
        return handling.form if handling and handling.form else Form(intent, ())

    def _language(self, context: Mapping[str, str], account: LinkedAccount | None) -> Language:
        return language_of(context.get("language", ""), account.language if account else "en")

    def _say(self, language: Language, key: str, **words: str) -> str:
        return str(self._house.content.words.say(language, key, **words))


def account_for(uow: UnitOfWork, channel: str, user: str) -> LinkedAccount:
    """The account of a channel; in a DM or the App Home the only one the person was seen in.

    Raises `NotAllowed` where it is not certain: we ask, we do not guess.
    """
    account = uow.accounts.of_channel(channel)
    if account is not None:
        return account
    if channel and not channel.startswith("D"):
        raise NotAllowed("not_allowed.unlinked")
    known = uow.accounts.of_person(user)
    if len(known) != 1:
        raise NotAllowed("not_allowed.which_account" if known else "not_allowed.unlinked")
    return known[0]


def shown_values(view: Mapping[str, Any]) -> dict[str, str]:
    """Block id → value of a submitted view's state, whatever the kind of its element.

    What follows a # in a block id only tells Slack that it is another input (`text#thanks`).
    """
    values: dict[str, str] = {}
    for block_id, elements in view.get("state", {}).get("values", {}).items():
        for element in elements.values():
            chosen = element.get("selected_option") or {}
            entered = element.get("value") or chosen.get("value") or element.get("selected_user")
            entered = entered or element.get("selected_date")
            several = element.get("selected_options") or []
            names = element.get("selected_conversations") or [one["value"] for one in several]
            entered = entered or ",".join(map(str, names))
            values[block_id.partition("#")[0]] = str(entered or "")
    return values
