"""Who is in the demonstration."""

PASSWORD = "tripchat-demo"  # noqa: S105  # known to all: these accounts are for looking around
HOST = "maya"
"""The person whose sign-in is shown first: she is in all trips."""

NAMES = {
    "maya": "Maya Lindqvist",
    "jonas": "Jonas Weber",
    "priya": "Priya Nair",
    "tomas": "Tomás Ferreira",
    "ellie": "Ellie O’Brien",
    "sam": "Sam Okafor",
}


def user_id(person: str) -> str:
    """Fixed, so that everybody has the same colour in every demonstration."""
    return f"{person}_demo"


def email(person: str) -> str:
    """Where somebody signs in; nobody gets mail there."""
    return f"{person}@tripchat.example"
