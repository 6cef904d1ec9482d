"""Markdown as people chat in it: what it becomes, and what it never becomes."""

import html
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tripchat.kinds import markdown
from tripchat.kinds.markdown import rendered, without_tags

REL = 'target="_blank" rel="noopener noreferrer nofollow"'


def link(address: str, text: str) -> str:
    return f'<a href="{address}" {REL}>{text}</a>'


def span(name: str, user_id: str) -> str:
    return f'<span class="mention" data-user-id="{user_id}">@{name}</span>'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**bold** and __bold__", "<strong>bold</strong> and <strong>bold</strong>"),
        ("*italic* and _italic_", "<em>italic</em> and <em>italic</em>"),
        ("~~strike~~", "<s>strike</s>"),
        ("***all* of** ~~it~~", "<strong><em>all</em> of</strong> <s>it</s>"),
        ("`a*b*c <i>`", "<code>a*b*c &lt;i&gt;</code>"),
        ("**two\nlines**", "<strong>two\nlines</strong>"),
        ("one  \n*two*\n  three", "one\n<em>two</em>\nthree"),
        ("*a*\n\n\nb", "<p><em>a</em></p><p>b</p>"),
        ("```\na  b\n\n*c*\n```", "<pre><code>a  b\n\n*c*</code></pre>"),
        ("~~~\n<i>\n~~~", "<pre><code>&lt;i&gt;</code></pre>"),
        ("```py\nx = 1\n```", '<pre data-language="py"><code>x = 1</code></pre>'),
        ("```one\ntwo```", "<pre><code>one\ntwo</code></pre>"),
        ("```not a language\ntwo\n```", "<pre><code>not a language\ntwo</code></pre>"),
        ("so:\n```\ncode\n```\n*so*", "<p>so:</p><pre><code>code</code></pre><p><em>so</em></p>"),
        ("> said\n> so", "<blockquote><p>said\nso</p></blockquote>"),
        ("> said\nanswer", "<blockquote><p>said</p></blockquote><p>answer</p>"),
        (
            "> a\n>> b\n> c",
            "<blockquote><p>a</p><blockquote><p>b</p></blockquote><p>c</p></blockquote>",
        ),
        ("> *a*\n>\n> - b", "<blockquote><p><em>a</em></p><ul><li>b</li></ul></blockquote>"),
        ("bring\n- a\n- b", "<p>bring</p><ul><li>a</li><li>b</li></ul>"),
        ("* a\n\n* b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        (
            "- a\n  - b\n    1. c\n- d",
            "<ul><li>a<ul><li>b<ol><li>c</li></ol></li></ul></li><li>d</li></ul>",
        ),
        ("3. c\n4. *d*", '<ol start="3"><li>c</li><li><em>d</em></li></ol>'),
    ],
)
def test_markup(text: str, shown: str):
    assert rendered(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "https://a.example/x?y=1&z",
            link("https://a.example/x?y=1&amp;z", "https://a.example/x?y=1&amp;z"),
        ),
        ("(see www.lisbon.pt).", f"(see {link('http://www.lisbon.pt', 'www.lisbon.pt')})."),
        ("http://a.b/_x_*y*z", link("http://a.b/_x_*y*z", "http://a.b/_x_*y*z")),
        ("ann@example.org", link("mailto:ann@example.org", "ann@example.org")),
        ("[the *map*](https://a.b/c)", link("https://a.b/c", "the <em>map</em>")),
        ("[mail](mailto:a@b.c)", link("mailto:a@b.c", "mail")),
        ("**www.a.pt**", f"<strong>{link('http://www.a.pt', 'www.a.pt')}</strong>"),
        ("`www.a.pt` *b*", "<code>www.a.pt</code> <em>b</em>"),
        ("http://пример.рф", link("http://xn--e1afmkfd.xn--p1ai", "http://пример.рф")),
        ("http://a.b/%61", link("http://a.b/%61", "http://a.b/%61")),
        ('[a](http://b.c "d<")', f'<a href="http://b.c" title="d&lt;" {REL}>a</a>'),
    ],
)
def test_links(text: str, shown: str):
    assert rendered(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        *(
            "plain",
            "one\ntwo\n\n\n  three",
            "at 10:30",
            "2 * 3 * 4",
            "snake_case_name",
            "~5 km",
            "[x]",
        ),
        *(
            "# heading",
            "heading\n===",
            "---",
            "a | b\n--|--\n1 | 2",
            "&amp; &lt;",
            "\\",
            "5. ",
            "a * b",
        ),
        *("<b>bold</b>", "<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "<!-- -->"),
        *("[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,hi)"),
        *(
            "[x](data:image/png;base64,AAAA)",
            "[x](vbscript:x)",
            "[x](file:///etc/passwd)",
            "[x](x)",
        ),
        *("[x](//evil.example)", "[x](/api/auth/sign-out)", "[x](\x01javascript:x)", "[x]( java)"),
        *("//host.example/path", "ftp://a.b/c", "javascript://a.b/%0aalert(1)", "a.b c:d", "a@b"),
        *(
            "![alt](x.png)",
            "[a]: http",
            "[a][b]",
            "**",
            "****",
            "> ",
            ">",
            "- ",
            "```",
            "~~~~",
            "`",
            "*_~",
        ),
    ],
)
def test_other_text_is_shown_as_it_is_written(text: str):
    assert rendered(text) is None


def test_a_heading_a_table_and_an_image_stay_text_beside_markup():
    text = "# *one*\n| a | b |\n|---|---|\n![two](http://a.b/c.png)"
    shown = rendered(text)
    assert shown is not None
    assert html.unescape(re.sub("<[^>]*>", "", shown)) == text.replace("*", "")


@pytest.mark.parametrize(
    ("text", "people", "shown"),
    [
        ("hi @Ann!", ["Ann"], f"hi {span('Ann', '0')}!"),
        (
            "**@Ann** _@ann_",
            ["Ann"],
            f"<strong>{span('Ann', '0')}</strong> <em>{span('ann', '0')}</em>",
        ),
        ("`@Ann` *a*", ["Ann"], "<code>@Ann</code> <em>a</em>"),
        ("- @Ann\n- b", ["Ann"], f"<ul><li>{span('Ann', '0')}</li><li>b</li></ul>"),
        ("@Ann Lee, @Ann", ["Ann", "Ann Lee"], f"{span('Ann Lee', '1')}, {span('Ann', '0')}"),
        ("@Ann, @Ann Lee", ["Ann", "Ann Lee"], f"{span('Ann', '0')}, {span('Ann Lee', '1')}"),
        ("@*A*_b_", ["*A*_b_"], span("*A*_b_", "0")),
        ("@<b>&", ["<b>&"], span("&lt;b&gt;&amp;", "0")),
        ("@[x](http://a.b)", ["[x](http"], f"{span('[x](http', '0')}://a.b)"),
        ("@www.a.pt", ["www.a.pt"], span("www.a.pt", "0")),
        ("@Ann@example.org", ["Ann"], f"{span('Ann', '0')}@example.org"),
        ("bob@Ann @Anna @Ann", ["Ann"], f"bob@Ann @Anna {span('Ann', '0')}"),
        ("[@Ann](http://a.b)", ["Ann"], link("http://a.b", span("Ann", "0"))),
    ],
)
def test_mentions(text: str, people: list[str], shown: str):
    assert rendered(text, tuple((str(n), name) for n, name in enumerate(people))) == shown


# What never happens, whatever is written.

TAGS: dict[str, set[str]] = {
    "a": {"href", "target", "rel", "title"},
    "ol": {"start"},
    "pre": {"data-language"},
    "span": {"class", "data-user-id"},
    **{tag: set() for tag in ("p", "strong", "em", "s", "code", "blockquote", "ul", "li")},
}


class Seen(HTMLParser):
    """What a browser makes of the HTML; fails for what has no business there."""

    def __init__(self, shown: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = self.values = ""
        self.open: list[str] = []
        self.feed(shown)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert given.keys() <= TAGS[tag]
        if tag == "a":
            # One that no browser could follow, like http://a:b/, has been taken away.
            assert re.match(r"(?i)https?://|mailto:", given.get("href", "mailto:") or "")
            assert given["rel"] == "noopener noreferrer nofollow"
        self.open.append(tag)
        self.values += " ".join(value or "" for value in given.values())

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


MARKS = [
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```",
    "> ",
    "- ",
    "1. ",
    "[",
    "](",
    ")",
    "![",
    "\\",
    "@",
    "#",
    "|",
]
ADDRESSES = [
    "http://a.com",
    "www.b.org",
    "mailto:",
    "//",
    "javascript:",
    "data:",
    "x@y.org",
    "ж.рф",
]
TRICKS = ["<b>", "<script>", "onerror=", '"', "'", "&lt;", "&", "\x00", "\u202e", "\u2028", "👍🏽"]
SPACE = [" ", "  ", "\n", "\n\n", "\t", "    "]
pieces = st.sampled_from([*MARKS, *ADDRESSES, *TRICKS, *SPACE, "Ann", "Ann Lee", "word"])
texts = st.lists(st.one_of(pieces, st.text(max_size=4)), max_size=25).map("".join)
mentioned = st.lists(st.sampled_from([("a", "Ann"), ("l", "Ann Lee"), ("m", "*_`")])).map(tuple)


def letters(text: str) -> str:
    return "".join(character for character in text if character.isalpha())


@given(texts, mentioned)
@example("> " * 50 + "deep", ())
@example("- " * 50 + "deep", ())
@example("*" * 500 + "deep" + "*" * 500, ())
@example("[](http://a.b) x", ())
def test_only_what_is_meant_to_be_there_and_every_letter(text: str, names: markdown.Mentioned):
    shown = rendered(text, names)
    if shown is None:
        return
    seen = Seen(shown)
    if "](" in text or "``" in text or "~~~" in text:
        # Some letters stand in an address or name a code's language.
        wanted = Counter(letters(text.encode("ascii", "ignore").decode().lower()))
        assert not wanted - Counter((seen.text + seen.values).lower())
    else:
        assert letters(seen.text) == letters(text)
    assert seen.text.strip()
    assert letters(without_tags(shown)) == letters(seen.text)


@given(st.text(st.characters(exclude_characters="*_~`[>-+.:@)")))
def test_text_without_marks_has_no_html(text: str):
    assert rendered(text) is None


@given(texts)
def test_what_is_taken_for_plain_at_a_glance_is_plain(text: str):
    if not markdown._MAY_HAVE_MARKUP.search(text):
        tokens = markdown._markdown.parse(text, {"names": markdown.Names(())})
        shown = Seen(markdown._markdown.renderer.render(tokens, markdown._markdown.options, {}))
        assert letters(shown.text) == letters(text)
        assert "<em>" not in str(tokens)


def test_many_threads_render_as_one_does():
    given = [f"*{n}* www.a{n}.pt @Ann{n} `{n}`" for n in range(200)]
    names = [((str(n), f"Ann{n}"),) for n in range(200)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(rendered, given, names))
    rendered.cache_clear()
    assert together == list(map(rendered, given, names))


HOSTILE: dict[str, Callable[[int], str]] = {
    **{
        run: (lambda n, run=run: run * (n // len(run)))
        for run in (
            "*",
            "_",
            "`",
            "~~",
            "[",
            "]",
            "![",
            "](",
            "[a](",
            "[a](<b",
            ">",
            "> ",
            "- ",
            "1. ",
            "@",
            "\\*",
            "*a ",
            "a* ",
            "*a_ ",
            "a**b c* ",
            "`a",
            "~~a~ ",
            ">\n",
            "> a\n",
            "- a\n",
            "*\n",
            "*a*\n\n",
            "```\n",
            "http://",
            "a.com ",
            "a@",
            "a.b-c@",
            "http://a.b/[",
            "http://a.b/(",
            "&amp;*",
            "<",
            "\u200b*",
            '[a](b "',
        )
    },
    "nested emphasis": lambda n: "*" * (n // 2) + "a" + "*" * (n // 2),
    "nested brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "nested links": lambda n: "[" * (n // 4) + "a" + "](b)" * (n // 5),
    "nested list": lambda n: "\n".join("  " * depth + "- a" for depth in range(int(n**0.5))),
    "longer and longer code": lambda n: "".join("a" + "`" * k for k in range(int((2 * n) ** 0.5))),
    "longer and longer quotes": lambda n: "\n".join(">" * k for k in range(int((2 * n) ** 0.5))),
}


def calls_for(text: str) -> int:
    """How many function calls rendering takes: the same number on every machine.

    What is made once for all texts, such as a pattern, does not count.
    """
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event.endswith("call")

    mentions = (("a", "Ann"),)
    rendered(text, mentions)
    rendered.cache_clear()
    sys.setprofile(count)
    try:
        rendered(text, mentions)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_of_four_times_the_length_takes_four_times_the_work(name: str):
    make = HOSTILE[name]
    assert calls_for(make(2_000)) < 5 * calls_for(make(500)) + 500


def seconds_for(text: str) -> float:
    """The least that rendering takes, of several times: a busy machine is only ever slower."""

    def once() -> float:
        rendered.cache_clear()
        began = time.thread_time()
        rendered(text)
        return time.thread_time() - began

    return min(once() for _ in range(3))


ORDINARY = "A *word* or `two`, and see www.lisbon.pt/map for more.\n"
ADDRESSING = ["http://a.b/(", "http://a.b/[", "a.b-c@", "www.", "a.com ", "a@", "-a.", ".", ","]


@pytest.mark.parametrize("piece", ADDRESSING)
def test_regular_expressions_for_addresses_do_not_run_away(piece: str):
    ordinary, hostile = (f"http://a.b/{text * 8_000}"[:8_000] for text in (ORDINARY, piece))
    assert seconds_for(hostile) < 20 * seconds_for(ordinary)


def test_ten_thousand_stars():
    assert rendered("*" * 10_000) is None
    assert rendered("*a" * 5_000) is not None
