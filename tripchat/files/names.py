"""What files are called: names that are only text, wherever they come from and go to."""

import re
import unicodedata
from urllib.parse import quote

NAME_CHARS = 200
NAMELESS = "file"

_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
}
"""How the names of photos end, the usual ending first."""

_PICTURES = (".heic", ".heif", *(ending for each in _ENDINGS.values() for ending in each))


def cleaned(name: object) -> str:
    """A name from outside as it is kept: one line of at most 200 characters, without a path.

    Control characters and those that turn the direction of text are left out: `photo\u202egpj.exe`
    would read `photoexe.jpg`.
    """
    text = name if isinstance(name, str) else ""
    text = re.split(r"[/\\]", text)[-1]
    text = "".join(each for each in unicodedata.normalize("NFC", text) if _is_plain(each))
    text = " ".join(text.split()).strip(" .")
    if len(text) > NAME_CHARS:
        stem, ending = _parted(text)
        text = stem[: NAME_CHARS - len(ending)].rstrip() + ending
    return text or NAMELESS


def of_photo(name: str, media_type: str) -> str:
    """A cleaned name that ends as what the photo now is."""
    endings = _ENDINGS[media_type]
    if name.lower().endswith(endings):
        return name
    stem, ending = _parted(name)
    stem = stem if ending.lower() in _PICTURES else name
    return stem[: NAME_CHARS - len(endings[0])] + endings[0]


def disposition(name: str, *, inline: bool) -> str:
    """The header Content-Disposition (RFC 6266) for a file with this cleaned name.

    It says the name twice: in ASCII for old programs, and as it is (RFC 8187).
    """
    kind = "inline" if inline else "attachment"
    ascii_name = re.sub(r"[^ !#$&+\-.0-9A-Z^_`a-z~()\[\]=,@]", "_", name)
    said = f'{kind}; filename="{ascii_name}"'
    if ascii_name != name:
        said += f"; filename*=UTF-8''{quote(name, safe='')}"
    return said


def _parted(name: str) -> tuple[str, str]:
    """A name's stem and its ending, with the dot; the ending is empty when there is none."""
    found = re.fullmatch(r"(.+)(\.[^.\s]{1,16})", name)
    return (found[1], found[2]) if found else (name, "")


def _is_plain(character: str) -> bool:
    # Cc, Cf, Cs, Co, Cn: control, format (bidi, joiners), surrogates, private, unassigned.
    category = unicodedata.category(character)
    return character.isspace() or not category.startswith("C")
