"""What can change, as short texts: they say where to look again and nothing of what is there."""

import json
from collections.abc import Iterable, Iterator

CHANNEL = "tongxin_live"
AGAIN = "*"
"""Anything may have changed: announcements were missed, or there were too many of them."""
_LARGEST = 7900  # bytes; PostgreSQL takes less than 8000


def of_case(case_id: int) -> str:
    """A case has moved or its history has grown."""
    return f"c{case_id}"


def of_pool(unit_id: int, role: str) -> str:
    """A task has become free for a role at a unit."""
    return f"p{unit_id}:{role}"


def of_account(account_id: int) -> str:
    """A task or a notice for one person."""
    return f"a{account_id}"


def of_sign_ins(account_id: int) -> str:
    """Somebody has signed out or holds other posts: their streams look again whether they may go on."""
    return f"s{account_id}"


def is_of_sign_ins(topic: str) -> bool:
    """Whether a topic is one of `of_sign_ins`."""
    return topic.startswith("s")


def told(topic: str) -> list[dict[str, str]]:
    """What a browser is told when a topic was announced."""
    if topic == AGAIN:
        return [{"kind": "again"}]
    if topic.startswith("c"):
        return [{"kind": "case", "id": topic[1:]}]
    if topic.startswith("p"):
        return [{"kind": "inbox"}]
    return [{"kind": "inbox"}, {"kind": "notices"}]


def payloads(topics: Iterable[str]) -> Iterator[str]:
    """Topics as few texts, none larger than a NOTIFY may be."""
    some: list[str] = []
    size = 2
    for topic in topics:
        needs = len(json.dumps(topic)) + 2  # plain ASCII: characters are bytes
        if some and size + needs > _LARGEST:
            yield json.dumps(some)
            some, size = [], 2
        some.append(topic)
        size += needs
    if some:
        yield json.dumps(some)


def read(payload: str) -> list[str]:
    """The topics of a payload; of one that is not ours: AGAIN."""
    try:
        found = json.loads(payload)
    except ValueError:
        found = None
    return [str(topic) for topic in found] if isinstance(found, list) else [AGAIN]
