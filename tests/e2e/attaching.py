"""Giving files to a message, and what becomes of them in the page."""

import base64
from typing import Any

from playwright.async_api import FilePayload, Locator, Route, expect

from tests.e2e.person import Tab
from tests.kit.picking import Picked

UPLOADS = "**/api/trips/*/attachments"
OF_FILES = """files => {
  const transfer = new DataTransfer();
  for (const { name, type, content } of files) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  return transfer;
}"""
DISPATCH = """(element, { event, transfer }) => element.dispatchEvent(
  event === "paste"
    ? new ClipboardEvent(event, { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent(event, { dataTransfer: transfer, bubbles: true, cancelable: true }),
)"""


def _payload(file: Picked) -> FilePayload:
    return {"name": file.name, "mimeType": file.type, "buffer": file.content}


async def chooses(tab: Tab, *files: Picked) -> None:
    """Pick files with the button."""
    async with tab.page.expect_file_chooser() as opening:
        await tab.part("composer-attach").click()
    chooser = await opening.value
    assert chooser.is_multiple()
    await chooser.set_files([_payload(file) for file in files])


async def _gives(tab: Tab, event: str, to: Locator, files: tuple[Picked, ...]) -> None:
    given: list[Any] = [
        {"name": each.name, "type": each.type, "content": base64.b64encode(each.content).decode()}
        for each in files
    ]
    transfer = await tab.page.evaluate_handle(OF_FILES, given)
    await to.evaluate(DISPATCH, {"event": event, "transfer": transfer})


async def pastes(tab: Tab, *files: Picked) -> None:
    """Paste files into the field."""
    await _gives(tab, "paste", tab.composer, files)


async def holds(tab: Tab, over: Locator, *files: Picked) -> None:
    """Drag files over a part of the page."""
    await _gives(tab, "dragenter", over, files)


async def drops(tab: Tab, on: Locator, *files: Picked) -> None:
    """Let go of files over a part of the page."""
    await _gives(tab, "drop", on, files)


def in_tray(tab: Tab) -> Locator:
    """The files of the message that is being written."""
    return tab.part("tray").get_by_test_id("attachment")


def attached(message: Locator) -> Locator:
    """The photos and files of a message."""
    return message.get_by_test_id("attachment")


async def are(files: Locator, *states: str) -> None:
    """These files are in these states, in order."""
    await expect(files).to_have_count(len(states))
    for index, state in enumerate(states):
        await expect(files.nth(index)).to_have_attribute("data-state", state)


async def is_shown(image: Locator) -> None:
    """An image has come and can be seen."""
    await expect(image).to_be_visible()
    await expect(image).to_have_js_property("complete", True)
    assert await image.evaluate("image => image.naturalWidth") > 0


async def never_arrive(tab: Tab) -> None:
    """Uploads from this tab begin and do not end, until they arrive again."""

    async def hold(route: Route) -> None:
        """Leave the request without an answer."""

    await tab.page.route(UPLOADS, hold)


async def arrive_again(tab: Tab) -> None:
    """Uploads go through from now on; those that were held are broken off."""
    await tab.page.unroute(UPLOADS)
