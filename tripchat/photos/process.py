"""The process that makes one photo anew. It runs alone, imports nothing of TripChat, and ends.

A decoder is given whatever people send. So it gets as little as possible: no environment, no
files (once it has begun it can open none, nor a socket), so much memory and so much time. The
photo comes by standard input. To standard output goes a line of JSON, `{problem}` or `{type, width,
height, thumb, photo}` with the lengths of what follows: the thumbnail, the photo.

What comes out was drawn anew from pixels: turned as the camera was held, in the colours of sRGB,
without position, time, or anything else that stood beside them. Of an animation it is the first
picture.
"""

import io
import json
import os
import resource
import signal
import sys
from typing import Any

from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
}
KEPT = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""What a photo may be afterwards; one of another format becomes a JPEG, with clear parts a PNG."""

LARGE_PNG_BYTES = 4 * 1024 * 1024
"""A PNG that would be larger is a photo of something, and becomes a JPEG or WebP."""

QUALITY = 88
THUMB_QUALITY = 80

UNREADABLE = "This picture cannot be read: it is damaged, or not what it seems to be."


class Refused(Exception):
    """Why there is no photo."""


def confine(limits: dict[str, int]) -> None:
    """Give up all that drawing pictures does not need."""
    os.nice(limits["nice"])
    signal.alarm(limits["seconds"])
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_AS, limits["memory"]),
        # Less than is open already: not even a number that was closed can be used again.
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(what, (most, most))


def made_anew(content: bytes, media_type: str, limits: dict[str, int]) -> tuple[Any, bytes, bytes]:
    """The head, the thumbnail and the photo; raises Refused."""
    most = limits["pixels"]
    Image.MAX_IMAGE_PIXELS = most
    try:
        image = Image.open(io.BytesIO(content), formats=[FORMATS[media_type]])
        if image.width * image.height > most:
            raise Refused(
                f"This picture is too large: {image.width:,} x {image.height:,} pixels, together "
                f"at most {most // 1_000_000} million."
            )
        kept = image.format if image.format in KEPT else None
        drawn = _drawn(image, limits["side"])
    except (Image.DecompressionBombError, MemoryError):
        raise Refused("This picture is too large.") from None
    except Refused:
        raise
    except Exception:
        raise Refused(UNREADABLE) from None
    photo, kind = _encoded(drawn, kept or ("PNG" if _has_clear_parts(drawn) else "JPEG"))
    small = drawn.copy()
    small.thumbnail((limits["thumb_side"], limits["thumb_side"]), Image.Resampling.LANCZOS)
    thumb = _saved(small, "WEBP", quality=THUMB_QUALITY)
    head = {"type": KEPT[kind], "width": drawn.width, "height": drawn.height}
    return head, thumb, photo


def _drawn(image: Image.Image, side: int) -> Image.Image:
    """The picture's pixels, upright, in sRGB, at most so large."""
    image.draft("RGB", (side, side))  # a JPEG is decoded as large as it is needed
    orientation = _orientation(image)
    profile = image.info.get("icc_profile")
    image.load()
    if image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        clear = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
        image = image.convert("RGBA" if clear else "RGB")
    # Small first: turning and converting make copies.
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    image = _in_srgb(image, profile)
    bare = Image.frombytes(image.mode, image.size, image.tobytes())
    if orientation in _TURNS:
        bare = bare.transpose(_TURNS[orientation])
    return bare


def _orientation(image: Image.Image) -> Any:
    try:
        return image.getexif().get(0x0112)
    except Exception:  # whatever was written there instead
        return None


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What puts a picture upright, by its EXIF orientation."""


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile and image.mode != "L":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, _SRGB, outputMode=wanted)
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that does not fit: the colours are taken as they are
    return image if image.mode == "L" else image.convert(wanted)


_SRGB = ImageCms.createProfile("sRGB")


def _has_clear_parts(image: Image.Image) -> bool:
    opaque = image.getchannel("A").histogram()[255] if image.mode == "RGBA" else None
    return opaque is not None and opaque < image.width * image.height


def _encoded(image: Image.Image, kind: str) -> tuple[bytes, str]:
    if kind == "PNG":
        # A quick look first: packing a large photo well takes long, and is in vain.
        if len(_saved(image, "PNG", compress_level=1)) <= 2 * LARGE_PNG_BYTES:
            content = _saved(image, "PNG")
            if len(content) <= LARGE_PNG_BYTES:
                return content, kind
        kind = "WEBP" if _has_clear_parts(image) else "JPEG"
    if kind == "JPEG" and image.mode == "RGBA":
        image = image.convert("RGB")
    return _saved(image, kind, quality=QUALITY), kind


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def prepare() -> None:
    """Load what is loaded at its first use: later no file can be opened."""
    register_heif_opener(thumbnails=False)
    Image.preinit()
    tiny = Image.new("RGBA", (8, 8))
    for kind in ("PNG", "WEBP"):
        Image.open(io.BytesIO(_saved(tiny, kind))).load()
    Image.open(io.BytesIO(_saved(tiny.convert("RGB"), "JPEG"))).load()
    _saved(tiny.convert("P"), "GIF")


def main() -> None:
    """Make the photo anew whose type and limits, in JSON, are the arguments."""
    media_type, limits = sys.argv[1], json.loads(sys.argv[2])
    prepare()
    confine(limits)
    parts: list[bytes] = []
    try:
        head, thumb, photo = made_anew(sys.stdin.buffer.read(), media_type, limits)
        head |= {"thumb": len(thumb), "photo": len(photo)}
        parts = [thumb, photo]
    except Refused as refused:
        head = {"problem": str(refused)}
    except MemoryError:
        head = {"problem": "This picture is too large."}
    out = sys.stdout.buffer
    for part in (json.dumps(head).encode() + b"\n", *parts):
        out.write(part)
    out.flush()


if __name__ == "__main__":
    main()
