"""What a file is, by its first bytes. Its name, and what a browser says of it, count for nothing.

Only types that are told for sure have a name here, and none that a browser would run: whatever
else there is, HTML, SVG and XML among it, is `application/octet-stream`.
"""

import re

HEAD_BYTES = 4096
"""As much of a file tells what it is."""

ANYTHING = "application/octet-stream"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"OggS\0", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
)
"""Where what stands in a file of which type."""

_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}

_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1"), "image/heic"),
    **dict.fromkeys((b"isom", b"iso2", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1"), "video/mp4"),
    b"M4V ": "video/mp4",
    b"M4A ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"3gp4": "video/3gpp",
    b"3gp5": "video/3gpp",
}
"""The types of what begins with a box `ftyp`, by its main brand."""

_OFFICE = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OPEN_DOCUMENT = re.compile(rb"mimetypeapplication/(vnd\.oasis\.opendocument\.[a-z]{4,12})")
_EPUB = b"mimetypeapplication/epub+zip"

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<", re.ASCII)


def type_of(head: bytes) -> str:
    """The MIME type of a file whose first `HEAD_BYTES` (or all, if it is shorter) these are."""
    for at, magic, found in _MAGIC:
        if head.startswith(magic, at):
            return found
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], ANYTHING)
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], ANYTHING)
    if head.startswith(b"PK\x03\x04"):
        return _archive(head)
    return "text/plain" if _is_text(head) else ANYTHING


def _archive(head: bytes) -> str:
    if found := _OPEN_DOCUMENT.match(head, 30):
        return f"application/{found[1].decode()}"
    if head.startswith(_EPUB, 30):
        return "application/epub+zip"
    if head.startswith(b"[Content_Types].xml", 30):
        for folder, found in _OFFICE:
            if folder in head:
                return found
    return "application/zip"


def _is_text(head: bytes) -> bool:
    try:
        # The last character may be cut in two.
        text = head.decode("utf-8-sig", "strict" if len(head) < HEAD_BYTES else "ignore")
    except UnicodeDecodeError:
        return False
    if len(head) >= HEAD_BYTES and len(text.encode()) < len(head.removeprefix(b"\xef\xbb\xbf")) - 3:
        return False
    return _UNPRINTABLE.search(text) is None and _MARKUP.match(text) is None
