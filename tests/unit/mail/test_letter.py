from email import message_from_bytes
from email.policy import default

import pytest

from tripchat.mail import Letter

LINK = "https://trips.example/reset/" + "x" * 120


def test_a_letter_is_a_mail_that_any_program_reads():
    letter = Letter("ann@example.org", "A new password", f"Hello,\n\n{LINK}\n")
    sent = bytes(letter.message("TripChat <chat@trips.example>"))
    mail = message_from_bytes(sent, policy=default)
    assert (mail["From"], mail["To"]) == ("TripChat <chat@trips.example>", "ann@example.org")
    assert mail["Subject"] == "A new password"
    assert mail["Message-ID"].endswith("@trips.example>")
    assert mail["Date"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    # Not one character of the link is written otherwise, and it stands in one line.
    assert LINK.encode() in sent


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_nothing_gets_into_the_head_of_a_mail(end: str):
    for letter in (
        Letter(f"ann@example.org{end}Bcc: eve@example.org", "s", "t"),
        Letter("ann@example.org", f"s{end}Bcc: eve@example.org", "t"),
    ):
        with pytest.raises(ValueError, match=r"linefeed|newline"):
            letter.message("TripChat <chat@trips.example>")


def test_a_letter_shows_nothing_of_itself():
    assert repr(Letter("ann@example.org", "subject", "text")) == "Letter()"
