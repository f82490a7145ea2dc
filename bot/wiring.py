"""The composition root: the only file that knows every class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.connecting import install_flow, open_accesses, open_database, our_identity
from bot.content.folder import Content, load_content
from bot.content.version import content_version
from bot.desk.errors import SetupFault
from bot.mail import Smtp
from bot.progress import Learning
from bot.service.attachments import Attachments
from bot.service.catch_up import CatchUp
from bot.service.delivery import Delivery
from bot.service.directory import Directory
from bot.service.handling import Handling
from bot.service.health import Health
from bot.service.house import House, Identity
from bot.service.intake import Intake
from bot.service.pacing import Pacing
from bot.service.ports import Slack
from bot.service.rings import RINGS
from bot.service.seeding import Seeding
from bot.service.serving import ServedLibrary
from bot.service.timekeeping import Timekeeper
from bot.service.upkeep import Upkeep
from bot.settings import Settings
from bot.slack.access import Accesses
from bot.slack.gateway import Gateway, web_client
from bot.slack.installing import Flow
from bot.slack.listeners import build_app
from bot.slack.refreshing import Refresher
from bot.slack.sockets import SocketTransport
from bot.slack.transports import HttpTransport, Transport
from bot.slack.workspaces import InstalledAuthorize, Workspaces
from bot.status_server import StatusServer
from bot.storage.database import Database, utc_now
from bot.storage.lanes import inbox_lanes, outbox_lanes
from bot.storage.revision import HEAD
from bot.understanding.acts import load_acts
from bot.understanding.reader import Understanding
from bot.worker import Worker

_HANDLERS = 4
_SENDERS = 4


@dataclass(slots=True)
class Bot:
    """A wired bot: start it, stop it."""

    house: House
    worker: Worker
    transport: Transport
    database: Database
    status: StatusServer | None = None
    pages: HttpTransport | None = None
    """Where other workspaces install the app, beside Socket Mode; with HTTP `transport` has it."""

    def start(self) -> None:
        """Work off what waits, then let Slack in."""
        if self.status is not None:
            self.status.start()
        self.worker.start()
        if self.pages is not None:
            self.pages.start()
        try:
            self.transport.start()
        except SetupFault:
            self.stop()
            raise

    def stop(self) -> None:
        """Let nothing new in, finish what is in hand."""
        self.transport.stop()
        if self.pages is not None:
            self.pages.stop()
        self.worker.stop()
        if self.status is not None:
            self.status.stop()
        self.database.close()


def build_understanding(content: Content, settings: Settings) -> Understanding:
    return Understanding.from_catalogue(content.catalogue, settings.cache, Learning)


def build_library(content: Content, settings: Settings, database: Database) -> ServedLibrary:
    return ServedLibrary(database, content.folder / "knowledge", settings.cache, utc_now)


def build_house(
    settings: Settings,
    database: Database,
    identity: Identity,
    clock: Callable[[], datetime] = utc_now,
) -> House:
    """Everything but Slack. Raises `ContentError`."""
    content = load_content(settings.content)
    return House(
        database=database,
        content=content,
        reader=build_understanding(content, settings),
        acts=load_acts(settings.content / "intents" / "dialogue.yml"),
        answers=build_library(content, settings, database),
        identity=identity,
        staff_channel=settings.staff_channel,
        clock=clock,
        admins=settings.admins,
        staff_language=settings.staff_language,
        on_call=settings.on_call,
        rating_after=None
        if settings.rating_minutes is None
        else timedelta(minutes=settings.rating_minutes),
        keep_for=None
        if settings.retention_days is None
        else timedelta(days=settings.retention_days),
        undo=timedelta(seconds=settings.undo_seconds),
        largest_file=settings.largest_file_mb * 1_000_000,
        mails=bool(settings.smtp_url),
        several=settings.several,
    )


def build_bot(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Bot:
    """The whole bot, connected to nothing yet but asked who it is. Raises `SetupFault`."""
    settings.require_slack()
    database = open_database(settings)
    accesses = open_accesses(settings, database, clock)
    house = build_house(settings, database, our_identity(settings, accesses), clock)
    slack: Slack = Gateway(web_client(settings.bot_token, settings.api_url))
    chores: dict[str, Callable[[], object]] = {}
    if accesses is not None:
        slack = Workspaces(house, accesses, settings.api_url)
        client = web_client("", settings.api_url)
        names = settings.client_id, settings.client_secret
        chores["tokens"] = Refresher(house, accesses, client, *names).round
    inbox, outbox = inbox_lanes(database), outbox_lanes(database)
    mailer = Smtp(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
    worker = Worker(
        house,
        Handling(house, Directory(house, slack), Attachments(slack), Seeding(house, slack), inbox),
        inbox,
        Delivery(house, slack, outbox, Pacing(), mailer),
        Upkeep(house),
        Timekeeper(house, RINGS),
        CatchUp(house, slack, Intake(house)),
        handlers=_HANDLERS,
        senders=_SENDERS,
        chores=chores,
    )
    flow = None
    if accesses is not None:
        flow = install_flow(settings, accesses, database, clock, house)
    transport = _transport(settings, house, accesses, flow)
    status = _status(settings, house, worker, transport)
    pages = None
    if flow is not None and settings.app_token:
        pages = HttpTransport(None, settings.port, flow=flow)
    return Bot(house, worker, transport, database, status, pages)


def _status(
    settings: Settings, house: House, worker: Worker, transport: Transport
) -> StatusServer | None:
    if not settings.metrics_port:
        return None
    versions = {"schema": HEAD, "content": content_version(settings.content)}
    health = Health(house, worker.running, transport.connections, versions)
    return StatusServer(health, house.measures, settings.metrics_port)


def _transport(
    settings: Settings, house: House, accesses: Accesses | None, flow: Flow | None
) -> Transport:
    # Bolt gets a client without a token: with one it would ask `auth.test` by itself.
    client = web_client("", settings.api_url)
    authorize = InstalledAuthorize(accesses) if accesses is not None else None
    if settings.app_token:
        app = build_app(house, client, settings.bot_token, None, authorize, flow)
        return SocketTransport(app, settings.app_token, client, house)
    app = build_app(house, client, settings.bot_token, settings.signing_secret, authorize, flow)
    return HttpTransport(app, settings.port, flow=flow)
