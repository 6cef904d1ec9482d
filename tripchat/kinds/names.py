"""Names after an `@`: one rule for who is mentioned and for what is highlighted."""

from collections.abc import Iterable


class Names:
    """People who may be named in a text."""

    def __init__(self, people: Iterable[tuple[str, str]]) -> None:
        """From each one's id and name; somebody may have several names, a name several people."""
        self._ids: dict[str, list[str]] = {}
        lengths: set[int] = set()
        for user_id, name in people:
            self._ids.setdefault(name.lower(), []).append(user_id)
            lengths.add(len(name))
        # Of Ann and Ann Lee the longer name is meant wherever it stands.
        self._lengths = sorted(lengths, reverse=True)

    def at(self, text: str, at: int) -> tuple[list[str], int] | None:
        """The ids of those whom the `@` at this place names, and where the name ends."""
        if text[at - 1 : at].isalnum():
            return None  # an email address
        for length in self._lengths:
            end = at + 1 + length
            user_ids = self._ids.get(text[at + 1 : end].lower(), [])
            if user_ids and end <= len(text) and not text[end : end + 1].isalnum():
                return user_ids, end
        return None
