"""How often each thing may be done: what holds unless the settings say otherwise.

The limits are for programs that flood, guess or try out; people do not meet them. A name alone
is about each person; one that ends in `_account` about each account that somebody tries to get
into, in `_address` about all who come from one address together, such as a hostel's guests.
"""

from __future__ import annotations

from limits import RateLimitItem, parse_many

DEFAULTS = {
    # Guesses of one account's password from one address, from all of them, of all accounts.
    "sign_in": "10/5 minutes",
    "sign_in_account": "100/hour",
    "sign_in_address": "300/5 minutes",
    "sign_up_address": "120/minute;1200/hour",
    "reset_account": "5/hour",
    "reset_address": "60/hour",
    "connections_address": "1200/minute",
    "invites": "30/minute;200/hour",
    "invites_address": "300/minute",
    # Codes of invites, looked at or used.
    "codes": "60/minute",
    "codes_address": "240/minute",
    "sends": "60/10 seconds;300/minute",
    "sends_address": "1200/10 seconds;6000/minute",
    # Edits, deletions, reactions.
    "changes": "60/10 seconds;300/minute",
    "changes_address": "1200/10 seconds;6000/minute",
    "typing": "60/10 seconds",
    "typing_address": "1200/10 seconds",
    # Pages of messages and whatever else is looked up.
    "reads": "200/10 seconds;1000/minute",
    "reads_address": "4000/10 seconds;20000/minute",
    "uploads": "60/minute;600/hour",
    "uploads_address": "600/minute",
    # Whatever else changes something: trips, names, members.
    "others": "120/minute",
    "others_address": "1200/minute",
}


def rates(text: str) -> list[RateLimitItem]:
    """The rates in a text like `60/10 seconds;300/minute`; raises ValueError."""
    return parse_many(text)
