"""Signing up and in, as a person does it."""

import secrets

from playwright.async_api import expect

from tests.e2e.person import Tab
from tests.kit.people import PASSWORD

CALL_REFUSED = r"Failed to load resource: .* status of 4\d\d"
"""What a browser's console says of a call that was refused."""


def new_email() -> str:
    """An email address that is nobody's yet."""
    return f"{secrets.token_hex(8)}@example.org"


async def signs_up(tab: Tab, name: str, email: str, password: str = PASSWORD) -> None:
    """Fill the sign-up form and send it."""
    await tab.fills(sign_up_name=name, sign_up_email=email, sign_up_password=password)
    await tab.part("sign-up-submit").click()


async def signs_in(tab: Tab, email: str, password: str = PASSWORD) -> None:
    """Fill the sign-in form and send it."""
    await tab.fills(sign_in_email=email, sign_in_password=password)
    await tab.part("sign-in-submit").click()


async def is_signed_in(tab: Tab) -> None:
    """The page knows who is there."""
    await expect(tab.part("sign-out")).to_have_count(1)
    await expect(tab.app).not_to_have_attribute("data-user-id", "")


async def is_on_the_landing_page(tab: Tab) -> None:
    """The page offers to sign in and up, and knows nobody."""
    await expect(tab.part("sign-up-submit")).to_be_visible()
    await expect(tab.part("sign-in-submit")).to_be_visible()
    await expect(tab.app).to_have_attribute("data-user-id", "")
