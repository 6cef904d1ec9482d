"""Photos for the demonstration, painted when it is made: nothing of them is kept in the sources."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

RIDGES = 4
WAVE = 0.05
"""How far a ridge goes up and down, of the picture's height."""


@dataclass(frozen=True)
class View:
    """What a photo shows."""

    name: str
    size: tuple[int, int]
    sky: tuple[Colour, Colour]
    """Its colour above, and at the horizon."""
    land: tuple[Colour, Colour]
    """The farthest ridge, and the nearest."""
    sun: tuple[float, float]
    """Where it stands, of the picture's width and height."""
    horizon: float = 0.5
    phase: float = 0.0
    """Shifts the ridges, so that no two places are alike."""


VIEWS = (
    View(
        "miradouro.jpg", (1600, 1200),
        ((88, 140, 190), (245, 226, 190)), ((110, 150, 140), (22, 58, 44)), (0.72, 0.24),
    ),
    View(
        "crater-lake.jpg", (1600, 1067),
        ((150, 190, 214), (232, 240, 236)), ((96, 140, 150), (16, 66, 70)), (0.2, 0.2), 0.42, 2.1,
    ),
    View(
        "the-wall.jpg", (1200, 1600),
        ((70, 62, 118), (250, 150, 96)), ((120, 72, 96), (34, 22, 44)), (0.5, 0.46), 0.56, 4.0,
    ),
    View(
        "hydrangeas.jpg", (1600, 1200),
        ((176, 204, 226), (240, 240, 246)), ((132, 140, 196), (52, 66, 128)), (0.84, 0.16), 0.4, 1,
    ),
    View(
        "mosteiros.jpg", (1600, 900),
        ((48, 52, 96), (255, 186, 120)), ((92, 82, 120), (14, 18, 36)), (0.4, 0.52), 0.6, 5.3,
    ),
)  # fmt: skip


def painted(view: View) -> bytes:
    """The photo as a JPEG."""
    image = Image.new("RGB", view.size)
    draw = ImageDraw.Draw(image)
    width, height = view.size
    for y in range(height):
        share = min(1, y / height / view.horizon)
        draw.line([(0, y), (width, y)], fill=_between(*view.sky, share))
    x, y = view.sun[0] * width, view.sun[1] * height
    radius = height / 14
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=(255, 246, 220))
    for ridge in range(RIDGES):
        share = ridge / (RIDGES - 1)
        base = height * (view.horizon + (1 - view.horizon) * 0.8 * share)
        line = [(x, base - height * _rise(view, ridge, x / width)) for x in range(0, width + 9, 8)]
        draw.polygon([(0, height), *line, (width, height)], fill=_between(*view.land, share))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _rise(view: View, ridge: int, at: float) -> float:
    angle = view.phase + ridge * 1.7 + at * (3 + ridge) * 2
    return WAVE * (math.sin(angle) + 0.4 * math.sin(2.3 * angle))


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
