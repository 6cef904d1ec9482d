"""A trip of a few dicts in which nothing is stored: what the services should do, said once more."""

from dataclasses import dataclass, field
from typing import Any

from tripchat.errors import Conflict, Invalid, NotAMember, NotFound

NAMES = ("Ann", "Ben", "Cy")


@dataclass
class Said:
    """A message as the model knows it."""

    author: int
    reply_to: int | None
    rev: int
    text: str
    named: set[int]
    before: list[str] = field(default_factory=list)
    reactions: dict[int, dict[str, int]] = field(default_factory=dict)
    deleted: bool = False


class Model:
    """What the services should do. Ann, who is number 0, organises the trip."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.rev = 0
        self.present = set(range(len(NAMES)))
        self.markers = dict.fromkeys(self.present, 0)

    def do(self, action: str, who: int, *given: Any) -> None:
        """Do what somebody does; raises Refused like the services."""
        if action != "join" and who not in self.present:
            raise NotAMember("")
        getattr(self, action)(who, *given)

    def send(self, who: int, text: str, reply_to: int | None) -> None:
        if reply_to is not None and (reply_to > len(self.said) or self.said[reply_to - 1].deleted):
            raise Invalid("", field="reply_to_seq")
        self.said.append(Said(who, reply_to, self._next(), text, self._named(text)))
        if self.markers[who] == len(self.said) - 1:
            self.markers[who] = len(self.said)

    def edit(self, who: int, seq: int, text: str) -> None:
        if self._at(seq).author != who:
            raise NotAMember("")
        said = self._undeleted(seq)
        named = self._named(text, said.named)
        if (text, named) != (said.text, said.named):
            said.before.append(said.text)
            said.text, said.named, said.rev = text, named, self._next()

    def delete(self, who: int, seq: int) -> None:
        said = self._at(seq)
        if who not in (0, said.author):
            raise NotAMember("")
        if not said.deleted:
            self.said[seq - 1] = Said(said.author, said.reply_to, self._next(), "", set())
            self.said[seq - 1].deleted = True

    def react(self, who: int, seq: int, emoji: str) -> None:
        mine = self._undeleted(seq).reactions.setdefault(who, {})
        if emoji not in mine:
            mine[emoji] = self.said[seq - 1].rev = self._next()

    def unreact(self, who: int, seq: int, emoji: str) -> None:
        if self._undeleted(seq).reactions.get(who, {}).pop(emoji, None):
            self.said[seq - 1].rev = self._next()

    def mark_read(self, who: int, seq: int) -> None:
        self.markers[who] = max(self.markers[who], min(seq, len(self.said)))

    def leave(self, who: int) -> None:
        self.present.remove(who)

    def join(self, who: int) -> None:
        if who not in self.present:
            self.present.add(who)
            self.markers[who] = len(self.said)

    def _at(self, seq: int) -> Said:
        if seq > len(self.said):
            raise NotFound("")
        return self.said[seq - 1]

    def _undeleted(self, seq: int) -> Said:
        if self._at(seq).deleted:
            raise Conflict("")
        return self._at(seq)

    def _named(self, text: str, before: frozenset[int] | set[int] = frozenset()) -> set[int]:
        return {who for who in self.present | before if f"@{NAMES[who]}" in text}

    def _next(self) -> int:
        self.rev += 1
        return self.rev

    def unread_mentions(self, who: int) -> int:
        later = self.said[self.markers[who] :]
        return sum(who in said.named for said in later)

    def shown(self, seq: int) -> dict[str, Any]:
        """A message as members see it."""
        said = self.said[seq - 1]
        quoted = self.said[said.reply_to - 1] if said.reply_to else None
        return {
            "seq": seq,
            "rev": said.rev,
            "author": said.author,
            "text": said.text,
            "named": said.named,
            "edited": bool(said.before),
            "deleted": said.deleted,
            "reactions": {who: mine for who, mine in said.reactions.items() if mine},
            "quoted": quoted and (said.reply_to, quoted.rev, quoted.deleted),
        }
