"""Plays written conversations: who says or clicks what, and what each person then sees.

A script is YAML; the tour of the demonstration and the dialogues of the tests are such files.

    title: A slow cluster
    steps:
      - say: {who: leo, in: ext-borealis, text: "@supportbot ledger-eu is slow", as: slow}
      - sees: {who: leo, in: ext-borealis, thread: slow, text: ["How severe"], as: question}
      - press: {who: leo, at: question, button: "Not critical"}
      - sees: {who: leo, in: ext-borealis, thread: slow, text: ["is open"], number: N}
      - sees: {who: mika, in: support-desk, text: ["{N}", "Borealis Pay"], as: card}
      - unseen: {who: leo, in: ext-borealis, thread: slow, text: ["internal"]}
      - quiet: {who: leo, in: ext-borealis, thread: slow}

| step | keys besides `who` | does |
|---|---|---|
| say | in, text, thread, as | types a message; `as` names it for later |
| edit, delete | at, (text) | changes or removes one's own message |
| press | at, button, choice | presses a button (or chooses) of a message |
| fill | values, errors | submits the open modal; `errors` are words shown beside its fields |
| modal | text | waits for a modal with these words |
| choose | button, choice | presses or chooses in the open modal |
| command | in, text, refused | types a slash command |
| shortcut | at, name | uses a message shortcut |
| home | text, press | opens the App Home and sees these words, then perhaps presses |
| react, unreact | at, name | adds a reaction, takes it back |
| sees | in, thread, text, number, as, buttons | waits until one message shows all these words |
| unseen | in, thread, text | none of these words is visible |
| quiet | in, thread, after | the bot says nothing (more) there for a moment |
| outside | run | what happens beside the workspace: `Player.outside` does it |

`{N}` in any text stands for what `number: N` found (a number such as SUP-1001). In `values` a
person is chosen by `@mika`, channels by `["#ext-borealis"]`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.sandbox.errors import ActRefusedError, NotSeenError, SandboxError
from bot.sandbox.server import Sandbox
from bot.sandbox.sight import Seen

QUIET_SECONDS = 0.5
"""How long nothing must be said before we believe that nothing will be."""
SEE_SECONDS = 10.0
_NUMBER = re.compile(r"SUP-\d+")
_KEYS: Mapping[str, frozenset[str]] = {
    "say": frozenset({"who", "in", "text", "thread", "as", "files"}),
    "edit": frozenset({"who", "at", "text"}),
    "delete": frozenset({"who", "at"}),
    "press": frozenset({"who", "at", "button", "choice"}),
    "fill": frozenset({"who", "values", "errors"}),
    "modal": frozenset({"who", "text"}),
    "choose": frozenset({"who", "button", "choice"}),
    "command": frozenset({"who", "in", "text", "refused"}),
    "shortcut": frozenset({"who", "at", "name", "refused"}),
    "home": frozenset({"who", "text", "unseen", "press"}),
    "react": frozenset({"who", "at", "name"}),
    "unreact": frozenset({"who", "at", "name"}),
    "sees": frozenset({"who", "in", "thread", "text", "number", "as", "buttons"}),
    "unseen": frozenset({"who", "in", "thread", "text"}),
    "quiet": frozenset({"who", "in", "thread"}),
    "note": frozenset({"text"}),
    "outside": frozenset({"run"}),
}


class ScriptError(SandboxError):
    """A step did not go as written, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Script:
    title: str
    steps: tuple[tuple[str, Mapping[str, Any]], ...]


def read_script(file: Path, further: Mapping[str, frozenset[str]] | None = None) -> Script:
    """Read one file. `further` verbs and their keys are those of a player that can do more.

    Raises ScriptError naming the file and the step.
    """
    verbs = {**_KEYS, **(further or {})}
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(written, dict) or set(written) - {"title", "steps", "language"}:
        raise ScriptError(f"{file}: write `title` and `steps`")
    steps = []
    for number, entry in enumerate(written.get("steps") or (), start=1):
        if not isinstance(entry, dict) or len(entry) != 1:
            raise ScriptError(f"{file}, step {number}: write one `verb: {{…}}`")
        verb, keys = next(iter(entry.items()))
        if verb not in verbs:
            raise ScriptError(f"{file}, step {number}: {verb!r} is none of {', '.join(verbs)}")
        unknown = set(keys) - verbs[verb]
        if unknown:
            raise ScriptError(f"{file}, step {number}: {verb} has no key {sorted(unknown)[0]!r}")
        steps.append((verb, keys))
    if not steps:
        raise ScriptError(f"{file}: has no steps")
    return Script(str(written.get("title") or file.stem), tuple(steps))


@dataclass(slots=True)
class Player:
    """Plays scripts in one sandbox. `tell` gets a line for each step, for a transcript."""

    sandbox: Sandbox
    tell: Callable[[str], None] = lambda _line: None
    outside: Callable[[str], None] | None = None
    """Does what a script says in `outside: {run: …}`: a command line, a clock, a visit."""
    _marks: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name of a message → its channel and ts."""
    _numbers: dict[str, str] = field(default_factory=dict)
    _latest: str = ""
    """ts of the last message a person wrote: what is awaited must come after it."""
    _own: str = ""
    """The same, until somebody reacted to it: then it may be what is looked at."""

    def play(self, script: Script) -> None:
        """Raises ScriptError naming the step that did not go as written."""
        self._marks.clear()
        self._latest = self._own = ""
        for number, (verb, keys) in enumerate(script.steps, start=1):
            try:
                getattr(self, f"_{verb}")(self._filled(keys))
            except (NotSeenError, ActRefusedError, KeyError, SandboxError) as error:
                raise ScriptError(f"{script.title}, step {number} ({verb}): {error}") from error

    # --- acts ---------------------------------------------------------------------------------

    def _note(self, step: Mapping[str, Any]) -> None:
        self.tell(f"\n── {step['text']}")

    def _outside(self, step: Mapping[str, Any]) -> None:
        if self.outside is None:
            raise ScriptError("nobody is there to do what happens outside")
        self.tell(f"(outside: {step['run']})")
        self.outside(step["run"])

    def _say(self, step: Mapping[str, Any]) -> None:
        thread = self._ts(step["thread"]) if "thread" in step else None
        files = [(name, b"contents of a file") for name in step.get("files", ())]
        sent = self.sandbox.say(
            step["who"], step["in"], step["text"], thread_ts=thread, files=files
        )
        self._mark(step, self._channel(step["in"]), sent.ts)
        self._latest = self._own = sent.ts
        self._told(step["who"], step["text"], step["in"])

    def _edit(self, step: Mapping[str, Any]) -> None:
        channel, ts = self._marks[step["at"]]
        self.sandbox.edit(step["who"], channel, ts, step["text"])

    def _delete(self, step: Mapping[str, Any]) -> None:
        channel, ts = self._marks[step["at"]]
        self.sandbox.delete(step["who"], channel, ts)

    def _press(self, step: Mapping[str, Any]) -> None:
        channel, ts = self._marks[step["at"]]
        self._told(step["who"], f"[{step['button']}]", "")
        outcome = self.sandbox.press(step["who"], channel, ts, step["button"], step.get("choice"))
        if outcome.error:
            raise ScriptError(f"the press ended in {outcome.error}")

    def _modal(self, step: Mapping[str, Any]) -> None:
        wanted = _texts(step)

        def look() -> bool:
            view = self.sandbox.modal(step["who"])
            return view is not None and all(word in str(view) for word in wanted)

        self.sandbox.wait_for(
            look, SEE_SECONDS, lambda: f"modal: {self.sandbox.modal(step['who'])}"
        )

    def _fill(self, step: Mapping[str, Any]) -> None:
        self._told(step["who"], f"submits {step.get('values') or 'the form'}", "")
        outcome = self.sandbox.submit_view(step["who"], self._entered(step.get("values") or {}))
        wanted = step.get("errors") or {}
        if wanted:
            for name, words in wanted.items():
                if words not in outcome.errors.get(name, ""):
                    raise ScriptError(f"{name}: {words!r} is not among {outcome.errors}")
        elif outcome.error or outcome.errors:
            raise ScriptError(f"the form was refused: {outcome.error} {outcome.errors}")

    def _entered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A person is chosen as `@mika`, a channel as `#ext-borealis`; Slack sends their ids."""
        return {
            name: [self._id(one) for one in value] if isinstance(value, list) else self._id(value)
            for name, value in values.items()
        }

    def _id(self, value: Any) -> Any:
        named = re.fullmatch(r"([@#])([a-z0-9-]+)", value) if isinstance(value, str) else None
        if named is None:
            return value
        if named[1] == "@":
            return self.sandbox.workspace.find_person(named[2]).id
        return self._channel(named[2])

    def _choose(self, step: Mapping[str, Any]) -> None:
        self.sandbox.press_in_modal(step["who"], step["button"], step.get("choice"))

    def _command(self, step: Mapping[str, Any]) -> None:
        name, _, text = step["text"].partition(" ")
        self._told(step["who"], step["text"], step["in"])
        refused = step.get("refused")
        try:
            outcome = self.sandbox.command(step["who"], step["in"], name, text)
        except ActRefusedError as error:
            if refused:
                return
            raise ScriptError(f"refused: {error}") from error
        if refused:
            raise ScriptError(f"{step['text']} was not refused")
        if outcome.error:
            raise ScriptError(f"the command ended in {outcome.error}")

    def _shortcut(self, step: Mapping[str, Any]) -> None:
        channel, ts = self._marks[step["at"]]
        try:
            self.sandbox.message_shortcut(step["who"], channel, ts, step["name"])
        except ActRefusedError as error:
            if not step.get("refused"):
                raise ScriptError(f"refused: {error}") from error

    def _home(self, step: Mapping[str, Any]) -> None:
        who = step["who"]
        self._told(who, "opens the App Home", "")
        wanted, unwanted = _texts(step), _texts(step, "unseen")
        self.sandbox.open_home(who)

        def look() -> bool:
            view = str(self.sandbox.home(who))
            return all(word in view for word in wanted)

        self.sandbox.wait_for(look, SEE_SECONDS, lambda: f"home: {self.sandbox.home(who)}")
        view = str(self.sandbox.home(who))
        for word in unwanted:
            if word in view:
                raise ScriptError(f"{who}'s home shows {word!r}")
        self.tell(_indented(view))
        if "press" in step:
            self.sandbox.press_in_home(who, step["press"])

    def _react(self, step: Mapping[str, Any]) -> None:
        channel, ts = self._marks[step["at"]]
        self._told(step["who"], f":{step['name']}:", "")
        self.sandbox.react(step["who"], channel, ts, step["name"])
        self._own = ""

    def _unreact(self, step: Mapping[str, Any]) -> None:
        channel, ts = self._marks[step["at"]]
        self.sandbox.unreact(step["who"], channel, ts, step["name"])
        self._own = ""

    # --- what people see ----------------------------------------------------------------------

    def _sees(self, step: Mapping[str, Any]) -> None:
        who, channel = step["who"], step["in"]
        wanted = _texts(step)
        thread = self._ts(step["thread"]) if "thread" in step else None

        def fits(seen: Seen) -> bool:
            # Our own act is no answer to it; a card or board may be older and changed since.
            is_answer = seen.is_from_app or seen.ts != self._own
            shown = str(seen)
            return (
                is_answer
                and all(word in shown for word in wanted)
                and set(step.get("buttons") or ()) <= set(seen.buttons)
            )

        found = self._last_that(fits, who, channel, thread, f"one message with {wanted}")
        self._mark(step, self._channel(channel), found.ts)
        if "number" in step:
            number = _NUMBER.search(found.text)
            if number is None:
                raise ScriptError(f"no number in {found.text!r}")
            self._numbers[step["number"]] = number[0]
        self.tell(f"  {who} sees in #{channel}:")
        self.tell(_indented(str(found)))

    def _last_that(
        self,
        fits: Callable[[Seen], bool],
        who: str,
        channel: str,
        thread: str | None,
        what: str,
    ) -> Seen:
        def look() -> Seen | None:
            return next(filter(fits, reversed(self.sandbox.sees(who, channel, thread))), None)

        def describe() -> str:
            lines = "\n".join(_indented(str(s)) for s in self.sandbox.sees(who, channel, thread))
            return f"{who} looked in #{channel} for {what} and sees:\n{lines}"

        found = self.sandbox.wait_for(look, SEE_SECONDS, describe)
        assert found is not None
        return found

    def _unseen(self, step: Mapping[str, Any]) -> None:
        thread = self._ts(step["thread"]) if "thread" in step else None
        self._settle()
        for seen in self.sandbox.sees(step["who"], step["in"], thread):
            for word in _texts(step):
                if word in str(seen):
                    raise ScriptError(f"{step['who']} sees {word!r} in:\n{_indented(str(seen))}")

    def _quiet(self, step: Mapping[str, Any]) -> None:
        thread = self._ts(step["thread"]) if "thread" in step else None
        self._settle()
        for seen in self.sandbox.sees(step["who"], step["in"], thread):
            if seen.is_from_app and float(seen.ts) > float(self._latest or 0):
                raise ScriptError(f"the bot was not quiet:\n{_indented(str(seen))}")
        self.tell(f"  (the bot stays silent in #{step['in']})")

    def _settle(self) -> None:
        time.sleep(QUIET_SECONDS)

    # --- names --------------------------------------------------------------------------------

    def _mark(self, step: Mapping[str, Any], channel: str, ts: str) -> None:
        if "as" in step:
            self._marks[step["as"]] = (channel, ts)

    def _ts(self, mark: str) -> str:
        if mark not in self._marks:
            raise ScriptError(f"nothing was named {mark!r} before")
        return self._marks[mark][1]

    def _channel(self, name: str) -> str:
        return self.sandbox.workspace.find_channel(name).id

    def _filled(self, keys: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._replaced(value) for name, value in keys.items()}

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, number in self._numbers.items():
                value = value.replace("{" + name + "}", number)
            return value
        if isinstance(value, list):
            return [self._replaced(entry) for entry in value]
        if isinstance(value, dict):
            return {key: self._replaced(entry) for key, entry in value.items()}
        return value

    def _told(self, who: str, text: str, channel: str) -> None:
        person = self.sandbox.workspace.find_person(who)
        place = f" in #{channel}" if channel else ""
        self.tell(f"{person.shown_name}{place}: {text}")


def _texts(step: Mapping[str, Any], name: str = "text") -> list[str]:
    written = step.get(name) or []
    return [written] if isinstance(written, str) else [str(entry) for entry in written]


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def scripts_in(folder: Path) -> Iterator[Path]:
    """The script files of a folder, in order."""
    yield from sorted(folder.glob("*.yml"))
