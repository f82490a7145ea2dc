"""Values for every template: a plain case, and one as long and hostile as people can make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from bot.content.blocks import Mrkdwn
from bot.content.folder import Content
from bot.content.rich_text import rich_elements
from bot.desk.deadlines import Pause
from bot.desk.decisions import AskField
from bot.desk.documents import DocumentAnswer, Source
from bot.desk.figures import Asked, Customer, Figures, OpenQuestion, Rated, figures_of
from bot.desk.forms import RAISE, RAISE_FORM
from bot.desk.meaning import Language
from bot.desk.plans import Target
from bot.desk.requests import Request
from bot.desk.shadows import Watched
from bot.desk.timelines import explain
from bot.service.announcements import Outcome
from bot.service.promises import promise_of
from bot.service.why import as_row

HOSTILE = "<!channel> <@U0LEO1> <#C1|x> *b* `c` & &amp; <script>alert(1)</script> {{ 7 * 7 }} {x}"
LONG = f"{HOSTILE} " + "障害 & <b> " * 500
NAME = "Böse & Söhne <!here> 株式会社 🏦"
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
ZONE = "Asia/Tokyo"
INTENTS = ("get_cluster_support", "get_org_support", "request_poc", "apply_beta", "upgrade_plan",
           "downgrade_plan", "talk_to_human")  # fmt: skip

Values = dict[str, Any]


class Samples:
    """`long` chooses between ordinary values and the longest hostile ones."""

    def __init__(self, content: Content, language: Language, *, long: bool) -> None:
        self._content = content
        self._language = language
        self._long = long
        self.text = LONG if long else "prod-1 is slow"
        self.name = (NAME * 6)[:80] if long else "Leo Strand"
        self.account = SimpleNamespace(
            id=1, name=NAME * 5 if long else "Borealis Pay", plan="standard", time_zone=ZONE,
            language=language, channel="C1",
        )  # fmt: skip
        self.request = Request(
            id=8_999_999 if long else 1, account_id=1, requester="U1", requester_name=self.name,
            channel="C1", thread_ts="1.0", intent="get_cluster_support", queue="support",
            severity="S1", state="new", summary=self.text, language=language, opened_at=NOON,
            updated_at=NOON, promised_minutes=240, respond_by=NOON + timedelta(hours=4),
            staff_channel="C9",
            fields={"cluster": self.text[:100], "feature": self.text, "kind": "poc"},
            owner_name=self.name, tags=("billing", "<tag>" * 6) if long else ("billing",),
        )  # fmt: skip

    @property
    def figures(self) -> Figures:
        asked = Asked(self.text[:200], self._language, "unknown", "", NOON, became_request=False)
        later = NOON + timedelta(days=7)
        return figures_of(
            [self.request],
            {1: Customer(self.name, "standard")},
            [asked] * 30,
            {"C1": [Watched(0.9, speaks=True, answered=True)] * 20},
            NOON,
            later,
            ZONE,
            rated=[Rated(score, self.text, 1, "SUP-1001") for score in (1, 5, None)],
            unanswered=[OpenQuestion(self.text[:200], 3, self.name)] * 20,
        )

    def all(self) -> Mapping[str, list[Values]]:
        """Template (`messages/card`) → the sets of values to render it with."""
        request, account, name = self.request, self.account, self.name
        elements = rich_elements(self.text, {"U0LEO1": "Leo"}, name)
        event = {"request": request, "actor": name, "time_zone": ZONE}
        events = (
            "claim",
            "resolve",
            "close",
            "reopen",
            "severity",
            "corrected",
            "wait",
            "queue",
            "stale",
        )
        staff_form = {
            "request": request,
            "queues": self._content.queues,
            "highest": "S1",
            "opened_with": {"request": "1", "channel": "C9", "seen": "U1"},
        }
        return {
            "home/customer": [
                *({"accounts": [], "bot": "<@UBOT>", "from_here": here} for here in (False, True)),
                {
                    "accounts": [
                        {"account": account, "plan_name": "Basic", "open": self._many(15),
                         "over": self._many(5), "links": links, "time_zone": ZONE}
                        for links in ({}, {request.id: "https://vendor.example/archives/C1/p1"})
                    ],
                    "bot": "<@UBOT>",
                    "from_here": False,
                },
            ],
            "home/staff": [
                {"count": 80, "lists": [(name_, 20, self._many(15)) for name_ in
                                        ("late", "unclaimed", "mine", "others")],
                 "user": "U1", "names": {1: account.name}, "zones": {1: "UTC"},
                 "links": {request.id: "https://vendor.example/archives/C1/p1"}},
                {"count": 0, "lists": [], "user": "U1", "names": {}, "zones": {}, "links": {}},
            ],
            "messages/accounts": [
                {"accounts": [], "plan_names": {}, "count": 0, "page": 1, "pages": 1,
                 "wanted": self.text},
                {"accounts": [(account, []), (account, ["C1", "C2"])] * 20, "count": 99, "page": 2,
                 "plan_names": {account.plan: self.text},
                 "pages": 3, "wanted": ""},
            ],
            "messages/admin_help": [{"written": ""}, {"written": self.name}],
            "messages/weekly_report": [
                {"figures": self.figures, "first_response": "35 min"},
            ],
            "messages/already_asked": [{"request": request, "account": account}],
            "messages/announcement": [{"elements": elements}],
            "messages/announcement_preview": [
                {
                    "announcement": SimpleNamespace(id=1, state=state, author_name=name,
                                                    decided_by="" if state == "draft" else name),
                    "texts": [("en", elements), ("ja", elements)],
                    "names": names,
                    "outcome": Outcome(1, waiting, (("C1", name, self.text),) * 25),
                    "missing": missing,
                }
                for state in ("draft", "sent", "cancelled")
                for names, missing, waiting in (([], 2, 0), ([account.name] * 80, 0, 3))
            ],
            "messages/answer": [
                {"found": self._found("answer"), "answer_id": given, "foreign": foreign}
                for given, foreign in (("1", True), ("", False))
            ],
            "messages/board": [
                {"account": account, "bot": "<@UBOT>", "plan_name": "Basic", "requests": listed}
                for listed in ([], self._many(10))
            ],
            "messages/card": [
                {
                    "request": replace(request, **{"intent": intent, "state": state,
                                          "owner": "" if state == "new" else "U1MIKA",
                                          "respond_by": due, "stage": stage,
                                          "ends_at": due, **self._clocks()[n]}),
                    "account": account,
                    "plan_name": "Standard",
                    "form_fields": shown,
                    "process": process,
                }
                for n, intent in enumerate(INTENTS)
                for state in ("new", "claimed", "waiting", "resolved", "closed")
                for due, shown in ((None, []), (NOON, [("Cluster", self.text)] * 10))
                for process, stage in ((None, ""), (self._content.processes[0], ""),
                                       (self._content.processes[0], "approved"),
                                       (self._content.processes[0], "declined"))
            ],
            "messages/card_moved": [{"request": request, "channel": "C2"}],
            "messages/clarify": [{"choices": self._intents()[:3]}],
            "messages/confirm_downgrade": [
                {"plan_name": "A", "target_name": "B", "lost": lost, "affected": affected}
                for lost, affected in (((), []), (("x & y",), self._many(10)))
            ],
            "messages/customer_said": [
                {"elements": elements, "edited": edited} for edited in (False, True)
            ],
            "messages/edited_after_answer": [{"name": name, "elements": elements}],
            "messages/escalated": [{"request": request, "actor": name, "elements": elements}],
            "messages/event_for_customer": [
                {**event, "event": kind, "note": note}
                for kind in events
                for note in ("", self.text)
            ],
            "messages/event_for_staff": [
                {**event, "event": kind, "note": note, "colleague": name}
                for kind in (*events, "assign", "approve", "decline", "finish")
                for note in ("", self.text)
            ],
            "messages/file_not_copied": [
                {"name": self.text[:255], "speaker": name, "reason": reason, "megabytes": 100,
                 "link": link}
                for reason in ("too_large", "no_access", "elsewhere", "deleted")
                for link in ("", "https://x.slack.com/files/U1/F1/a%20b.txt")
            ],
            "messages/correction": [
                {"found": self._found(band), "answer_id": "1", "foreign": True, "given_at": NOON,
                 "zone": ZONE, "question": self.text, "note": note}
                for band, note in (("answer", elements), ("answer", []), ("unknown", []))
            ],
            "messages/meanwhile": [
                {"found": self._found("answer"), "answer_id": "1", "foreign": foreign}
                for foreign in (True, False)
            ],
            "messages/recall": [
                {"kind": kind, "page": self.text[:2000], "threads": [self._recalled()] * count}
                for kind, count in (("changed", 15), ("removed", 1))
            ],
            "messages/help": [{"bot": "<@UBOT>"}],
            "messages/instead_of_technical": [
                {"found": self._found(band), "answer_id": "1", "offers": offers}
                for band in ("answer", "suggest", "unknown")
                for offers in ([], [("Standard", Target(240)), ("Premium", Target(30, True))])
            ],
            "messages/opened": [
                {
                    "request": replace(request, intent=intent, queue=queue, respond_by=due),
                    "account": account,
                    "plan": plan,
                    "plan_name": plan.names[self._language],
                    "calendar": self._content.plans.calendar(ZONE),
                    "time_zone": ZONE,
                    "target_name": "Premium",
                    "no_s1": queue == "billing",
                    "lost": (),
                }
                for intent in INTENTS
                for queue, due in (("support", NOON), ("sales", None), ("billing", NOON))
                for plan in self._content.plans.plans
            ],
            "messages/nudge": [
                {"request": request, "account": account, "requester": Mrkdwn("<@UBOT>"),
                 "until": until}
                for until in (NOON, None)
            ],
            "messages/promise_moved": [
                {"request": replace(request, **clock), "time_zone": ZONE}
                for clock in ({}, {"respond_by": None}, {"promised_minutes": None,
                                                         "respond_by": None})
            ],
            "messages/promise_warning": [
                {"request": request, "account": account, "stage": stage, "minutes": 95,
                 "called": called}
                for stage in ("soon", "due", "overdue")
                for called in ("", Mrkdwn("<@UBOT>"))
            ],
            "messages/channel_trouble": [
                {"what": what, "channel": "C1", "account": account, "bot": Mrkdwn("<@UBOT>"),
                 "numbers": numbers}
                for what in ("unshared", "archived", "removed")
                for numbers in ([], ["SUP-1001"] * 300)
            ],
            "messages/person_gone": [
                {"request": request, "what": what, "name": name, "called": called}
                for what in ("owner_gone", "requester_gone")
                for called in ("", Mrkdwn("<@UBOT>"))
            ],
            "messages/refused": [
                {"sentence": "not_now.resolve", "words": {}, "kept": kept} for kept in ("", name)
            ],
            "messages/page_suggestions": [
                {"request": request, "sources": self._found("suggest").sources}
            ],
            "messages/message_deleted": [{"name": name}],
            "messages/message_moved": [{"number": "SUP-1002"}],
            "messages/moved_here": [{"number": "SUP-1002", "lines": [elements] * 30}],
            "messages/plan": [
                {
                    "account": account,
                    "plan": plan,
                    "calendar": self._content.plans.calendar(ZONE),
                    "own": plan.rank == 1,
                    "own_name": "Standard",
                    "plan_name": plan.names[self._language],
                    "includes": plan.includes[self._language],
                    "higher": [("premium", "Premium")],
                    "lowest": plan.rank == 0,
                }
                for plan in self._content.plans.plans
            ],
            "messages/question": self._questions(),
            "messages/queues": [
                {"requests": self._many(20), "names": {1: account.name}, "zones": {1: ZONE}}
            ],
            "messages/process_end": [
                {"request": replace(request, ends_at=NOON), "kind": kind, "side": side,
                 "person": "<@UBOT>", "time_zone": ZONE}
                for kind in ("ends_soon", "ended") for side in ("customer", "staff")
            ],
            "messages/process_step": [
                {"request": replace(request, ends_at=ends), "step": step, "actor": name,
                 "note": note, "time_zone": ZONE, "plan_name": plan}
                for step in ("approve", "decline", "finish")
                for ends, note, plan in ((NOON, "", "Premium"), (None, self.text, ""))
            ],
            "messages/mail_wish": [
                {"state": state, "request": request, "address": "leo@borealis.example"}
                for state in ("ask", "given", "declined")
            ],
            "messages/rated": [{"request": request, "score": 5}],
            "messages/rating": [
                {"request": request, "requester": "<@UBOT>", "scores": ("1", "2", "3", "4", "5")}
            ],
            "messages/rating_for_staff": [
                {"request": request, "score": 1, "elements": said} for said in ([], elements)
            ],
            "messages/saved_replies": [
                {"replies": []},
                {"replies": [("thanks", name, self.text)] * 50},
            ],
            "messages/say": self._sentences(),
            "messages/staff_help": [{}],
            "messages/staff_said": [
                {"request": request, "elements": elements, "edited": edited}
                for edited in (False, True)
            ],
            "messages/staff_wrote": [
                {"request": request, "internal": internal, "edited": edited, "elements": elements}
                for internal in (True, False)
                for edited in (True, False)
            ],
            "messages/standing": [{"request": request, "account_name": account.name}],
            "messages/status": [
                {"account": account, "request": replace(request, **clock), "staff": staff,
                 "highest": "S1", "history": self._history()}
                for clock in self._clocks()
                for staff in (True, False)
            ],
            "messages/status_list": [
                {"account": account, "time_zone": ZONE, "requests": []},
                {"account": account, "time_zone": ZONE, "requests": self._many(10)},
            ],
            "messages/suggest": [
                {"found": self._found("suggest"), "answer_id": given} for given in ("1", "")
            ],
            "messages/ticket_reaction": [{"account": account}],
            "messages/transcript": [{"request": request, "lines": [elements] * 30}],
            "messages/undo": [{"seconds": 10, "message_id": 1}],
            "messages/unknown": [{"answer_id": "1"}, {"answer_id": ""}],
            "messages/unlinked": [
                {"channel": "C1", "workspace": name} for name in ("", self.name)
            ],
            "messages/voted": [
                {"helped": helped, "answer_id": "1"} for helped in (True, False)
            ],
            "messages/which_request": [
                {"requests": listed, "action": "close", "account": account}
                for listed in ([], self._many(10))
            ],
            "messages/why": self._reasons(),
            "modals/announce": [
                {"plans": [("basic", "Basic")],
                 "accounts": [(str(n), account.name) for n in range(120)],
                 "opened_with": {"channel": "C9"}}
            ],
            "modals/approve": [
                {**staff_form, "last_day": day, "time_zone": ZONE} for day in ("", "2026-12-02")
            ],
            "modals/assign": [staff_form],
            "modals/close": [staff_form],
            "modals/decline": [staff_form],
            "modals/link": [
                {
                    "plans": [(plan.key, plan.names["en"]) for plan in self._content.plans.plans],
                    "accounts": [account.name] * 100,
                    "opened_with": {"link": "C1", "channel": "C9"},
                }
            ],
            "modals/raise": [
                {"request": request, "levels": levels, "values": values, "highest": levels[0],
                 "opened_with": {"number": request.number, "channel": "C1", "thread": "1.0"}}
                for levels in (("S1", "S2", "S3"), ("S2",))
                for values in ({}, {"severity": "S2", "reason": self.text})
            ],
            "modals/merge": [{**staff_form, "others": self._many(100), "words": ""}],
            "modals/move": [{**staff_form, "others": self._many(100), "words": self.text}],
            "modals/split": [{**staff_form, "others": [], "words": self.text}],
            "modals/mail": [{"address": some, "opened_with": {}} for some in ("", "a@b.example")],
            "modals/rating": [staff_form],
            "modals/recall": [
                {"found": self._found(band), "thread": self._recalled(),
                 "opened_with": {"recall": "1"}}
                for band in ("answer", "unknown")
            ],
            "modals/reply": [
                {**staff_form, "saved": [], "chosen": "", "text": "", "block": "text"},
                {**staff_form, "saved": [("thanks", name)], "chosen": "thanks",
                 "text": self.text, "block": "text#thanks"},
            ],
            "modals/request": [self._form(intent) for intent in INTENTS],
            "modals/resolve": [staff_form],
            "modals/severity": [
                staff_form,
                {**staff_form, "request": replace(request, queue="billing", severity="S2"),
                 "highest": "S2"},
            ],
            "modals/misread": [
                {"request": self.request, "intents": (*INTENTS, "ask_docs"), "opened_with": {}},
            ],
            "modals/triage": [staff_form],
        }  # fmt: skip

    def _many(self, count: int) -> list[Request]:
        clocks = self._clocks()
        return [replace(self.request, id=n + 1, **clocks[n % len(clocks)]) for n in range(count)]

    def _clocks(self) -> list[Values]:
        """Every way the promise of a first answer can stand."""
        answered = {"responded_at": NOON, "answered_after": 135}
        return [
            {},
            {"respond_by": None},
            {"respond_by": None, "promised_minutes": None},
            {"promise": "missed", "around_the_clock": True},
            {**answered, "promise": "kept"},
            {**answered, "promise": "missed"},
            {**answered, "promised_minutes": None},
        ]

    def _reasons(self) -> list[Values]:
        """Explanations of a promise: one that runs, one with everything in it, one that rests."""
        plans = self._content.plans
        holidays = frozenset(f"2026-11-{day:02}" for day in range(20, 30))
        calendar = replace(plans.calendar(ZONE), holidays=holidays if self._long else frozenset())
        pauses = (Pause(NOON + timedelta(hours=15), NOON + timedelta(hours=18)),)
        clocks = [
            {},
            {"pauses": pauses, "promised_minutes": 24 * 60},
            {"pauses": (Pause(NOON),), "respond_by": None},
            {"around_the_clock": True},
        ]
        found = []
        for clock in clocks:
            request = replace(self.request, **clock)
            promise = promise_of(request, calendar)
            assert promise is not None
            found += [
                {
                    "request": request,
                    "time_zone": ZONE,
                    "calendar": calendar,
                    "staff": staff,
                    "plan_name": "Standard",
                    "pieces": [as_row(one) for one in explain(promise)],
                }
                for staff in (True, False)
            ]
        return found  # fmt: skip

    def _intents(self) -> tuple[str, ...]:
        return tuple(sorted(self._content.catalogue.intents))

    def _recalled(self) -> dict[str, Any]:
        return {
            "id": "1",
            "open": True,
            "state": "told",
            "actor": NAME,
            "account": NAME,
            "time_zone": ZONE,
            "at": NOON,
            "question": self.text,
            "link": "https://example.slack.com/archives/C1/p1",
        }

    def _found(self, band: Any) -> DocumentAnswer:
        title = self.text[:400]
        source = Source(
            "tidb/x.md", "a", title, f"§ {title}", "https://docs.example.com/x", "en", 1.0, "h"
        )
        text = "# Steps\n1. one\n" * (2000 if self._long else 1)
        return DocumentAnswer(band, 0.9, self._language, text, (source,) * 3)

    def _questions(self) -> list[Values]:
        clusters = [f"{n}-" + "c" * 95 if self._long else f"prod-{n}" for n in range(8)]
        asked = [
            (handling.intent, field)
            for handling in self._content.handlings.values()
            if handling.form
            for field in handling.form.fields
            if field.ask and field.required
        ]
        asked += [(RAISE, field) for field in RAISE_FORM.fields]
        return [
            {
                "ask": AskField(
                    intent, field.name, field.kind, field.options,
                    field.options[0] if field.options and again else "", resumed, again,
                ),
                "clusters": clusters,
                "account": self.account,
            }
            for intent, field in asked
            for again, resumed in ((False, False), (True, False), (False, True))
        ]  # fmt: skip

    def _sentences(self) -> list[Values]:
        """Sentences that are said by their key; their words may be anything."""
        said = ("draft.", "smalltalk.", "out_of_scope", "plan.already", "plan.not_", "staff.un",
                "staff.closed", "staff.moved", "staff.reminder", "status.not_found", "update.",
                "admin.linked",
                "admin.unlinked", "admin.mode", "admin.queue", "admin.channel", "announce.n",
                "announce.decided", "admin.not",
                "admin.unknown", "admin.which", "admin.on", "admin.nobody", "admin.no_",
                "undo.done", "undo.too_late", "file.not_sent",
                "merged.customer", "merged.staff", "split.customer", "split.staff",
                "not_allowed.", "not_now.", "question.no_longer", "unlinked.customer",
                "workspace.")  # fmt: skip
        words = dict.fromkeys(
            (
                "intent",
                "plan",
                "number",
                "reason",
                "kind",
                "account",
                "mode",
                "queue",
                "other",
                "owner",
                "name",
                "tag",
                "day",
                "count",
                "severity",
                "command",
                "state",
                "about",
                "who",
                "score",
            ),
            self.text[:200],
        ) | {"channel": "C1"}
        keys = self._content.words.by_language["en"]
        return [{"sentence": key, "words": words} for key in keys if key.startswith(said)]

    def _form(self, intent: str) -> Values:
        return {
            "intent": intent,
            "topics": INTENTS,
            "form": self._content.handlings[intent].form,
            "clusters": tuple(f"prod-{n}" for n in range(400 if self._long else 2)),
            "values": {"cluster": self.text[:100], "description": self.text},
            "technical": False,
            "plan_name": "Basic",
            "opened_with": {"channel": "C1", "thread": "1.0", "account_channel": "C1"},
        }

    def _history(self) -> list[Any]:
        keys = self._content.words.by_language["en"]
        kinds = ["note", *(key.split(".")[1] for key in keys if key.startswith("history."))]
        return [
            SimpleNamespace(kind=kind, at=NOON, actor_name=self.name)
            for kind in kinds * (10 if self._long else 1)
        ]
