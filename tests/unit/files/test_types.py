"""What a file is, by its content alone."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.pictures import picture
from tripchat.files.types import ANYTHING, HEAD_BYTES, type_of


def archive(*names: str, first: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name in names:
            packed.writestr(name, first)
    return out.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("GIF"), "image/gif"),
        (picture("HEIF"), "image/heic"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (b"ID3\x04\0\0\0\0\0\0", "audio/mpeg"),
        (archive("a.txt"), "application/zip"),
        (
            archive("[Content_Types].xml", "word/document.xml"),
            f"{OFFICE}.wordprocessingml.document",
        ),
        (archive("[Content_Types].xml", "xl/workbook.xml"), f"{OFFICE}.spreadsheetml.sheet"),
        (
            archive("mimetype", first="application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text",
        ),
        (b"pack socks\r\n\tand the tent\n", "text/plain"),
        ("Größe: 5 €".encode(), "text/plain"),
        ("\ufeffGröße".encode(), "text/plain"),
        (b"a" * (HEAD_BYTES - 1) + "ß".encode()[:1], "text/plain"),  # cut in two
    ],
)
def test_what_is_told_for_sure(content: bytes, found: str):
    assert type_of(content[:HEAD_BYTES]) == found


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><script>alert(1)</script>",
        b"\n \t<html>",
        "\ufeff<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".encode(),
        b"<?xml version='1.0'?><svg/>",
        b"<?php echo 1;",
        "<html>".encode("utf-16"),
        b"MZ\x90\0",
        b"\x7fELF",
        b"\xff\xfe\xfd",
        b"hello\0world",
        b"caf\xe9",
        b"RIFF\0\0\0\0XXXX",
        b"\0\0\0\x18ftypavif",
    ],
)
def test_what_a_browser_might_run_or_nobody_knows_is_just_bytes(content: bytes):
    assert type_of(content) == ANYTHING


@given(st.binary(max_size=200))
def test_nothing_that_begins_with_markup_has_a_type(rest: bytes):
    assert type_of(b" <" + rest) == ANYTHING


@given(st.binary(max_size=400))
def test_any_bytes_have_a_type_that_no_browser_runs(content: bytes):
    family = type_of(content)
    assert family in {ANYTHING, "text/plain"} or not family.endswith(("html", "xml", "script"))
