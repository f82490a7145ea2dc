"""A small support desk as values: three plans, the usual forms, and a way to hear a message."""

from __future__ import annotations

from bot.desk.forms import Field, Form, Handling
from bot.desk.heard import Act, Heard, Surroundings
from bot.desk.meaning import Candidate, Meaning
from bot.desk.plans import Intake, Plan, PlanBook, Target
from bot.desk.requests import Request

SEVERITY = Field("severity", "severity", required=True, ask=True, options=("S1", "S2", "S3", "S4"))
CLUSTER = Form(
    "cluster",
    (
        Field("cluster", "cluster", required=True, ask=True),
        SEVERITY,
        Field("description", "long_text", required=True, ask=True, from_message=True),
        Field("version", "text", required=False, ask=False),
    ),
)
POC = Form(
    "poc",
    (
        Field("kind", "choice", required=True, ask=True, options=("poc", "demo", "credits")),
        Field("use_case", "long_text", required=True, ask=True, from_message=True),
    ),
)
TARGET = Form(
    "target",
    (
        Field(
            "target",
            "choice",
            required=True,
            ask=True,
            options=("basic", "standard", "enterprise", "premium"),
        ),
    ),
)
BETA = Form("beta", (Field("feature", "text", required=True, ask=True),))
HANDLINGS = {
    handling.intent: handling
    for handling in (
        Handling("get_cluster_support", "support", CLUSTER),
        Handling("request_poc", "sales", POC),
        Handling("upgrade_plan", "billing", TARGET),
        Handling("downgrade_plan", "billing", TARGET),
        Handling("apply_beta", "support", BETA),
        Handling("check_request"),
        Handling("check_plan"),
        Handling("ask_docs"),
    )
}
LABELS = {
    "kind.poc": ("PoC", "概念実証"),
    "kind.credits": ("Trial credits", "試用クレジット"),
    "intent.get_cluster_support": ("Help with a cluster", "クラスターのサポート"),
    "intent.ask_docs": ("A question about the product", "製品についての質問"),
}


def _plan(key: str, rank: int, *includes: str, technical: bool = True) -> Plan:
    return Plan(
        key=key,
        rank=rank,
        names={"en": key.title(), "ja": key, "zh": key},
        aliases={"basic": ("free",), "standard": ("developer",)}.get(key, ()),
        technical=technical,
        through_sales=key == "premium",
        targets={"S1": Target(60, around_the_clock=True)} if technical else {},
        includes={"en": includes, "ja": includes, "zh": includes},
    )


PLANS = PlanBook(
    plans=(
        _plan("basic", 0, "documents", technical=False),
        _plan("standard", 1, "documents", "technical requests"),
        _plan("enterprise", 2, "documents", "technical requests", "nights"),
        _plan("premium", 3, "documents", "technical requests", "nights", "fastest"),
    ),
    default="basic",
    business_days=(0, 1, 2, 3, 4),
    opens="09:00",
    closes="18:00",
    holidays=frozenset({"2026-12-25"}),
    intake=Intake(frozenset({"get_cluster_support"}), {"billing": "S2"}, frozenset({"sales"})),
)


def around(plan: str = "enterprise") -> Surroundings:
    """What the desk knows about an account on that plan, which has prod-1 and prod-2."""
    return Surroundings(HANDLINGS, PLANS, PLANS.plan(plan), ("prod-1", "prod-2"), LABELS)


def hear(
    text: str,
    intent: str = "out_of_scope",
    *,
    slots: dict[str, str] | None = None,
    assumed: frozenset[str] = frozenset(),
    score: float = 0.95,
    also: tuple[Candidate, ...] = (),
    unsure: tuple[str, ...] = (),
    reply: bool = True,
    addressed: bool = False,
    act: Act = "",
    request: Request | None = None,
) -> Heard:
    """A message as understanding hands it over."""
    meaning = Meaning(
        intent, score, "en", slots or {}, assumed, also, reply=reply, unsure_between=unsure
    )
    return Heard(text, meaning, "C1:1.0", act, addressed, request)
