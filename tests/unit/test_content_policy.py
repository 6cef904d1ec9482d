from pathlib import Path

import pytest

from tripchat.server.content_policy import page_policy, source_of

PAGE = """<!doctype html><html><head>
<style>p { color: red }</style><script src="/a.js"></script>
<script>one("</p>", '&amp;');
</script></head><body><p>Hello</p><script type="module">two()</script></body></html>"""


def policy(folder: Path, *pages: str) -> dict[str, list[str]]:
    for number, page in enumerate(pages):
        (folder / f"{number}.html").write_text(page)
    directives = (directive.split() for directive in page_policy(folder).split("; "))
    return {name: sources for name, *sources in directives}


def test_what_stands_in_the_pages_is_known_by_its_hash(tmp_path: Path):
    directives = policy(tmp_path, PAGE, "<script>three()</script>")
    scripts = ("one(\"</p>\", '&amp;');\n", "two()", "three()")
    assert directives["script-src"] == ["'self'", *sorted(map(source_of, scripts))]
    styles = ("", "p { color: red }")
    assert directives["style-src"] == ["'self'", *sorted(map(source_of, styles))]


def test_nothing_is_allowed_that_has_no_name(tmp_path: Path):
    directives = policy(tmp_path, PAGE)
    assert directives["default-src"] == ["'none'"]
    assert directives["frame-ancestors"] == ["'none'"]
    assert directives["base-uri"] == ["'none'"]
    everything = " ".join(page_policy(tmp_path).split())
    assert "unsafe" not in everything
    assert "*" not in everything
    assert "http" not in everything


@pytest.mark.parametrize("page", ["<p style='color: red'>", "<p onclick='go()'>"])
def test_a_build_that_no_policy_can_allow_is_not_served(tmp_path: Path, page: str):
    with pytest.raises(ValueError, match=r"0\.html has (style|onclick) attributes"):
        policy(tmp_path, page)
