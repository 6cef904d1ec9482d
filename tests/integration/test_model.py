"""Random changes by several people, one after the other against a model, and at once."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from tests.integration.model import NAMES, Model
from tripchat import db, hub, storage
from tripchat.errors import Refused
from tripchat.hub import Change, MessageAdded, MessageChanged, Reacted
from tripchat.models import User
from tripchat.services import (
    editing,
    group_commit,
    invites,
    members,
    messages,
    reactions,
    reading,
    viewing,
)
from tripchat.services import trips as trip_service
from tripchat.settings import Settings
from tripchat.views import MessageView

TEXTS = ("one", "two\nlines", "hi @Ann", "@Ben, @Cy", "@Cy @Cy", "**bold**", "`x` @Ben")

_who = st.integers(0, len(NAMES) - 1)
_seq = st.integers(1, 5)
_text = st.sampled_from(TEXTS)
_emoji = st.sampled_from(("👍", "❤️", "🎉"))
_action = st.one_of(
    st.tuples(st.just("send"), _who, _text, st.none() | _seq),
    st.tuples(st.just("edit"), _who, _seq, _text),
    st.tuples(st.sampled_from(("delete", "mark_read")), _who, _seq),
    st.tuples(st.sampled_from(("react", "unreact")), _who, _seq, _emoji),
    st.tuples(st.sampled_from(("leave", "join")), st.integers(1, len(NAMES) - 1)),
)
Action = tuple[Any, ...]


class Company:
    """The same people in a real trip."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.trip = ""

    async def gather(self) -> None:
        async with db.transaction() as session:
            for name in NAMES:
                email = f"{secrets.token_hex(8)}@example.org"
                user = User(name=name, email=email, password_hash="-")
                session.add(user)
                self.ids.append(user.id)
        self.trip = (await trip_service.create(self.ids[0], "Lisbon"))["trip_id"]
        for who in range(1, len(NAMES)):
            await self.join(self.ids[who])

    async def do(self, action: str, who: int, *given: Any) -> None:
        """Do what somebody does; raises Refused."""
        calls: dict[str, Callable[..., Coroutine[Any, Any, Any]]] = {
            "send": self.send,
            "edit": lambda me, seq, text: editing.edit(me, self.trip, seq, {"text": text}),
            "delete": lambda me, seq: editing.remove(me, self.trip, seq),
            "react": lambda me, seq, emoji: reactions.react(me, self.trip, seq, emoji),
            "unreact": lambda me, seq, emoji: reactions.unreact(me, self.trip, seq, emoji),
            "mark_read": lambda me, seq: reading.mark_read(me, self.trip, seq),
            "leave": lambda me: members.leave(me, self.trip),
            "join": self.join,
        }
        await calls[action](self.ids[who], *given)

    async def send(self, user_id: str, text: str, reply_to: int | None) -> None:
        client_id = secrets.token_hex(8)
        body = {"text": text}
        await messages.send(user_id, self.trip, client_id, body=body, reply_to_seq=reply_to)

    async def join(self, user_id: str) -> None:
        code = (await invites.create(self.ids[0], self.trip))["code"]
        await invites.accept(user_id, code)

    def shown(self, message: MessageView) -> dict[str, Any]:
        """A message in the model's words."""
        who = self.ids.index
        quoted = message.get("quote")
        reacted = message.get("reactions", {}).items()
        return {
            "seq": message["seq"],
            "rev": message["rev"],
            "author": who(message["author_id"]),
            "text": message["body"].get("text", ""),
            "named": {who(user_id) for user_id in message["body"].get("mentions", ())},
            "edited": "edited_at" in message,
            "deleted": message.get("deleted", False),
            "reactions": {who(user_id): mine for user_id, mine in reacted},
            "quoted": quoted and (quoted["seq"], quoted["rev"], quoted["deleted"]),
        }


def in_one_database(
    settings: Settings, play: Callable[[Company, list[Change]], Coroutine[Any, Any, None]]
) -> None:
    """Run with open storage, a new trip, and what the hub publishes from then on."""

    async def run() -> None:
        heard: list[Change] = []
        await storage.open_storage(settings)
        company = Company()
        await company.gather()
        stop = hub.subscribe(heard.append)
        try:
            await play(company, heard)
            await group_commit.drain()
        finally:
            stop()
            await storage.close_storage()

    asyncio.run(run())


def rev_of(change: Change) -> int | None:
    if isinstance(change, Reacted):
        return change.rev
    return change.message["rev"] if isinstance(change, MessageAdded | MessageChanged) else None


async def outcome(call: Coroutine[Any, Any, None]) -> tuple[type[Refused] | None, str | None]:
    try:
        await call
    except Refused as refused:
        return type(refused), refused.field
    return None, None


one_database = hypothesis(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@one_database
@given(actions=st.lists(_action, max_size=30))
def test_the_services_do_what_the_model_does(settings: Settings, actions: list[Action]):
    async def play(company: Company, heard: list[Change]) -> None:
        model = Model()

        async def imagine(action: Action) -> None:
            model.do(*action)

        for action in actions:
            assert await outcome(company.do(*action)) == await outcome(imagine(action)), action
        expected = [model.shown(seq) for seq in range(1, len(model.said) + 1)]
        last_rev, window = await messages.window(company.trip, 100)
        assert last_rev == model.rev
        assert [company.shown(message) for message in window] == expected
        # Each change has the next number, and is told with it.
        revs = [rev for change in heard if (rev := rev_of(change)) is not None]
        assert revs == list(range(1, model.rev + 1))
        for after in range(model.rev + 1):
            changed = await messages.changed(company.trip, after)
            later = [message for message in window if message["rev"] > after]
            assert changed == sorted(later, key=lambda message: message["rev"])
        for member in await members.members(company.trip):
            who = company.ids.index(member["user_id"])
            assert member["left"] == (who not in model.present)
            assert member["read_seq"] == model.markers[who]
            unread = await reading.unread_mentions(member["user_id"], company.trip)
            assert unread == model.unread_mentions(who)
        for seq, said in enumerate(model.said, 1):
            versions = await editing.versions(company.ids[0], company.trip, seq)
            assert [each["body"]["text"] for each in versions] == said.before

    in_one_database(settings, play)


def replayed(changes: list[Change]) -> list[MessageView]:
    """The messages of a trip after these changes, taken in the order of their numbers."""
    numbered = [(rev, change) for change in changes if (rev := rev_of(change)) is not None]
    numbered.sort(key=lambda item: item[0])
    assert [rev for rev, _ in numbered] == list(range(1, len(numbered) + 1))
    found: dict[int, MessageView] = {}
    for rev, change in numbered:
        if isinstance(change, MessageAdded | MessageChanged):
            message: MessageView = {**change.message}
            found[message["seq"]] = message
        elif isinstance(change, Reacted):
            message = found[change.seq]
            before = message.get("reactions", {})
            mine = {**before.get(change.user_id, {}), change.emoji: rev}
            if not change.there:
                del mine[change.emoji]
            after = {**before, change.user_id: mine}
            message["rev"] = rev
            message["reactions"] = {user_id: emojis for user_id, emojis in after.items() if emojis}
            if not message["reactions"]:
                del message["reactions"]
    for message in found.values():
        if original := found.get(message.get("reply_to_seq", 0)):
            message["quote"] = viewing.quote(original)
    return [found[seq] for seq in sorted(found)]


@one_database
@given(waves=st.lists(st.lists(_action, max_size=12), max_size=5))
def test_what_was_told_of_changes_at_once_is_what_is_stored(
    settings: Settings, waves: list[list[Action]]
):
    async def play(company: Company, heard: list[Change]) -> None:
        for wave in waves:
            await asyncio.gather(*(outcome(company.do(*action)) for action in wave))
        _, window = await messages.window(company.trip, 100)
        assert replayed(heard) == window

    in_one_database(settings, play)
