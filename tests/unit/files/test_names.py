"""Names of files: only text, and safe in a header."""

import re
import unicodedata
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tripchat.files.names import NAME_CHARS, cleaned, disposition, of_photo


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("beach.jpg", "beach.jpg"),
        ("Žižkov – mapa (2).pdf", "Žižkov – mapa (2).pdf"),
        ("写真.heic", "写真.heic"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\evil.exe", "evil.exe"),
        ("C:\\fakepath\\photo.png", "photo.png"),
        ("/", "file"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("", "file"),
        (None, "file"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie: x=1.txt"),
        ("nul\0byte.txt", "nulbyte.txt"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("  spaces   inside .txt ", "spaces inside .txt"),
        ("\ud800broken.txt", "broken.txt"),
    ],
)
def test_what_is_kept_of_a_name(given_name: object, kept: str):
    assert cleaned(given_name) == kept


def test_a_long_name_keeps_its_ending():
    name = cleaned("x" * 500 + ".tar.gz")
    assert len(name) == NAME_CHARS
    assert name.endswith("x.gz")


@given(st.text(max_size=600))
def test_any_name_is_one_line_without_a_path(name: str):
    kept = cleaned(name)
    assert 0 < len(kept) <= NAME_CHARS
    assert not re.search(r"[/\\\r\n]", kept)
    assert not any(unicodedata.category(each).startswith("C") for each in kept)
    assert kept not in {".", ".."}
    assert cleaned(kept) == kept


@pytest.mark.parametrize(
    ("name", "media_type", "shown"),
    [
        ("a.jpg", "image/jpeg", "a.jpg"),
        ("a.JPEG", "image/jpeg", "a.JPEG"),
        ("a.heic", "image/jpeg", "a.jpg"),
        ("a.gif", "image/png", "a.png"),
        ("evil.html", "image/jpeg", "evil.html.jpg"),
        ("nothing", "image/webp", "nothing.webp"),
        ("x" * NAME_CHARS, "image/png", "x" * (NAME_CHARS - 4) + ".png"),
    ],
)
def test_a_photo_is_called_what_it_is(name: str, media_type: str, shown: str):
    assert of_photo(name, media_type) == shown


@given(st.text(min_size=1, max_size=300).map(cleaned), st.booleans())
def test_a_header_says_the_name_and_nothing_else(name: str, inline: bool):
    said = disposition(name, inline=inline)
    assert said.isascii()
    found = re.fullmatch(
        r"(inline|attachment); filename=\"([^\"\\\r\n]*)\"(?:; filename\*=UTF-8''([^;\s\"]+))?",
        said,
    )
    assert found
    assert (found[1] == "inline") is inline
    assert (unquote(found[3]) if found[3] else found[2]) == name
