"""Which texts are one emoji, and the one way each is written."""

import emoji

from tripchat.errors import Invalid

_VARIATION = "\N{VARIATION SELECTOR-16}"

# Those that Unicode recommends for interchange: each is one grapheme, and shown as one picture.
_known = {
    text.replace(_VARIATION, ""): text
    for text, data in emoji.EMOJI_DATA.items()
    if data["status"] == emoji.STATUS["fully_qualified"]
}


def one_emoji(value: object) -> str:
    """The emoji as it is stored, fully qualified, so that everybody's heart is the same heart.

    Raises Invalid for field `emoji` unless the value is one emoji.
    """
    known = _known.get(value.replace(_VARIATION, "")) if isinstance(value, str) else None
    if known is None:
        raise Invalid("This is not an emoji.", field="emoji")
    return known
