"""How often each thing may be done: what holds unless the settings say otherwise.

Limits are for programs that flood, guess or try out; people do not meet them. A name by itself is
about each person, one that ends in `_account` about each account that somebody wants to get into,
one that ends in `_address` about all who come from one address, such as a hostel's guests.
"""

from __future__ import annotations

from limits import RateLimitItem, parse_many

DEFAULTS = {
    # Guesses of an account's password from one address, from anywhere, and of any account's.
    "sign_in": "10/5 minutes",
    "sign_in_account": "100/hour",
    "sign_in_address": "300/5 minutes",
    "sign_up_address": "120/minute;1200/hour",
    "reset_account": "5/hour",
    "reset_address": "60/hour",
    "connections_address": "1200/minute",
    "invites": "30/minute;200/hour",
    "invites_address": "600/minute",
    # Invites looked at and accepted: codes could be guessed.
    "codes": "60/minute",
    "codes_address": "240/minute",
    # What was written in a tunnel goes out at its end: all of a trip's outbox at once.
    "sends": "200/10 seconds;600/minute",
    "sends_address": "4000/10 seconds;12000/minute",
    "changes": "200/10 seconds;600/minute",
    "changes_address": "4000/10 seconds;12000/minute",
    "typing": "60/10 seconds",
    "typing_address": "1200/10 seconds",
    "markers": "100/10 seconds",
    "markers_address": "2000/10 seconds",
    "reads": "200/10 seconds;1000/minute",
    "reads_address": "4000/10 seconds;20000/minute",
    "uploads": "60/minute;600/hour",
    "uploads_address": "1200/minute",
    # A page of a trip has many photos, and each is asked for anew.
    "files": "600/10 seconds;3000/minute",
    "files_address": "12000/10 seconds",
    "others": "120/minute",
    "others_address": "2400/minute",
}

OFTEN = {"sends", "changes", "typing", "markers", "reads", "files"}
"""What is done so often that nobody waits until the other workers' counts are known."""


def rates(text: str) -> list[RateLimitItem]:
    """The rates in a text like `60/10 seconds;300/minute`; raises ValueError."""
    return parse_many(text)
