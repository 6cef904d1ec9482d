"""A page in which a script that should not run is noticed, and every trace of one is found."""

from typing import Any

from playwright.async_api import Dialog, Frame

from tests.e2e.person import Person

ARM = """() => {
  window.ran = [];
  window.xss = (...what) => window.ran.push(String(what));
  for (const name of ["alert", "confirm", "prompt", "print"])
    window[name] = () => window.ran.push(name);
}"""

TOUCH = """() => {
  // All that a visitor may do to what is shown, without leaving the page.
  const types = ["mouseover", "focus", "error", "load", "toggle", "animationstart"];
  for (const each of document.querySelectorAll("*"))
    for (const type of types) each.dispatchEvent(new Event(type, { bubbles: false }));
}"""

TRACES = """(own) => {
  const found = [];
  const told = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 200)}`);
  const scheme = /^[\\s\\x00-\\x20]*(javascript|data|vbscript|blob):/i;
  for (const element of document.body.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) told("handler", element);
      if (/^(href|src|srcdoc|action|formaction|xlink:href|data|poster|background|ping)$/i.test(name)
          && (scheme.test(value) || name === "srcdoc")) told("address", element);
      if (name === "style" && /url|expression|import/i.test(value)) told("style", element);
    }
    const name = element.localName;
    if (["iframe", "object", "embed", "applet", "frame", "base", "math", "portal", "form", "style",
      "link", "meta", "template", "video", "audio", "image", "marquee"].includes(name)
      && !own.includes(name)) told("element", element);
    if (name === "script" && /xss/.test(element.textContent + element.src)) told("script", element);
    const isPhoto = /^(\\/api\\/attachments\\/|blob:)/.test(element.getAttribute("src") ?? "");
    if (name === "img" && !isPhoto) told("element", element);
  }
  for (const element of document.head.querySelectorAll("base, meta[http-equiv=refresh]"))
    told("head", element);
  return found;
}"""


class Trap:
    """One tab of somebody, being watched."""

    def __init__(self, person: Person, own: list[str]) -> None:
        """`own` are elements that the page has itself and that nobody's words may become."""
        self._person = person
        self._own = own
        self.sprung: list[str] = []

    async def arm(self) -> None:
        """Watch every page that this tab loads from now on."""
        page = self._person.page
        await page.add_init_script(f"({ARM})()")
        page.on("dialog", self._dialog)
        page.on("popup", lambda popup: self.sprung.append(f"popup: {popup.url}"))
        page.on("framenavigated", self._navigated)

    async def _dialog(self, dialog: Dialog) -> None:
        self.sprung.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _navigated(self, frame: Frame) -> None:
        if not frame.url.startswith((self._person.url, "about:blank")):
            self.sprung.append(f"went to {frame.url}")

    async def stays_shut(self) -> None:
        """Nothing has run, not even when all is touched, and nothing stands there that could."""
        page = self._person.page
        await page.evaluate(TOUCH)
        traces: list[Any] = await page.evaluate(TRACES, self._own)
        found = [*traces, *(await page.evaluate("window.ran")), *self.sprung]
        assert not found, found
