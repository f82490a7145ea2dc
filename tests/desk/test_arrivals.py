from __future__ import annotations

import dataclasses
import json

import pytest

from bot.desk import arrivals
from bot.desk.arrivals import Arrival, Attachment, MessagePosted, arrival_from_json

KINDS = [
    kind
    for kind in vars(arrivals).values()
    if isinstance(kind, type) and issubclass(kind, Arrival) and kind is not Arrival
]


def _filled(kind: type[Arrival]) -> Arrival:
    """Every value of the kind set to something."""
    samples = {
        "str": "x",
        "bool": True,
        "float": 1.5,
        "tuple[Attachment, ...]": (Attachment("F1", "a.png"), Attachment("F2")),
        "tuple[str, ...]": ("password",),
        "dict[str, str]": {"a": "b"},
    }
    return kind(**{field.name: samples[str(field.type)] for field in dataclasses.fields(kind)})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_came_in_survives_being_stored(kind: type[Arrival]) -> None:
    arrival = _filled(kind)
    stored = json.loads(json.dumps(arrival.to_json()))
    assert arrival_from_json(kind.__name__, stored) == arrival


def test_files_that_an_older_version_stored_keep_their_names() -> None:
    stored = {"user": "U1", "channel": "C1", "ts": "1.0", "text": "", "files": ["a.log"]}
    arrival = arrival_from_json("MessagePosted", stored)
    assert isinstance(arrival, MessagePosted)
    assert arrival.files == (Attachment(name="a.log"),)


def test_a_kind_of_a_newer_version_says_which_version_to_run() -> None:
    with pytest.raises(ValueError, match=r"'Hologram' is unknown: a newer version"):
        arrival_from_json("Hologram", {})


def test_the_root_of_a_thread_is_the_message_itself_when_it_starts_one() -> None:
    first = MessagePosted(user="U1", channel="C1", ts="1.0", text="hi")
    reply = MessagePosted(user="U1", channel="C1", ts="2.0", text="hi", thread_ts="1.0")
    assert (first.root, reply.root) == ("1.0", "1.0")
