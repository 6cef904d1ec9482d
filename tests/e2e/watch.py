"""Scripts that watch a page from within, so that nothing passes unseen between two looks."""

from typing import Any, NamedTuple

from playwright.async_api import Page

ROWS = """(() => {
  if (window.rows) return;
  window.rows = {};
  const numbers = new WeakMap();
  let next = 1;
  const note = () => {
    if (!document.body) return;
    const now = {};
    for (const row of document.querySelectorAll("[data-testid=message]"))
      (now[row.dataset.clientId] ??= []).push(row);
    for (const [clientId, elements] of Object.entries(now)) {
      const seen = (window.rows[clientId] ??= { states: [], counts: [], elements: [], seqs: [] });
      const add = (list, value) => { if (list.at(-1) !== value) list.push(value); };
      add(seen.counts, elements.length);
      for (const element of elements) {
        if (!numbers.has(element)) numbers.set(element, next++);
        add(seen.elements, numbers.get(element));
        add(seen.states, element.dataset.state);
        add(seen.seqs, Number(element.dataset.seq) || 0);
      }
    }
    for (const clientId in window.rows)
      if (!now[clientId] && window.rows[clientId].counts.at(-1) !== 0)
        window.rows[clientId].counts.push(0);
  };
  new MutationObserver(note).observe(document, {
    subtree: true, childList: true, attributes: true,
    attributeFilter: ["data-state", "data-seq", "data-client-id"],
  });
})()"""
"""Notes in `window.rows`, for each client id, what changed from one moment to the next: its states,
its numbers, how many elements show it, and which."""

CONNECTION = """(() => {
  if (window.connectionStates) return;
  window.connectionStates = [];
  const note = () => {
    const state = document.querySelector("[data-testid=app]")?.dataset.connectionState;
    if (state && window.connectionStates.at(-1) !== state) window.connectionStates.push(state);
  };
  new MutationObserver(note).observe(document, {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-connection-state"],
  });
})()"""
"""Notes in `window.connectionStates` how the connection was, one entry per change."""

EVENTS = """(() => {
  if (window.events) return;
  window.events = [];
  for (const name of ["connected", "closed", "scheduled", "attempt", "ping", "pong", "broadcast"])
    window.addEventListener(`tripchat:${name}`, ({ detail }) => window.events.push([name, detail]));
})()"""

TROUBLE = """(() => {
  if (window.seen) return;
  window.seen = [];
  const parts = ["[data-testid=connection-banner]", "[data-testid=toast]", ".bone"];
  const note = () => {
    for (const part of parts) {
      const element = document.querySelector(part);
      const shown = element?.checkVisibility() ? `${part} ${element.textContent}` : "";
      if (shown && window.hasBeenLive && !window.seen.includes(shown)) window.seen.push(shown);
    }
    window.hasBeenLive ||= document.querySelector("[data-testid=app]")?.dataset.hydrated === "true";
  };
  new MutationObserver(note).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
})()"""
"""Notes in `window.seen` what a page that was live once has shown of trouble, however briefly."""

VIOLATIONS = """addEventListener("securitypolicyviolation", (event) => {
  const { effectiveDirective, blockedURI, sourceFile, lineNumber } = event;
  console.error(`[policy] ${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber}`);
})"""
"""Has a page complain of whatever its Content-Security-Policy stands in the way of."""

POLICY = "[policy]"

_VALUES = """([selector, attribute]) => {
  const values = [];
  const note = () => {
    const value = document.querySelector(selector)?.getAttribute(attribute) ?? null;
    if (!values.length || values.at(-1)[0] !== value) values.push([value, Date.now()]);
  };
  note();
  new MutationObserver(note).observe(document, {
    subtree: true, childList: true, attributes: true,
  });
  return values;
}"""


class Value(NamedTuple):
    """A value, and when it began in milliseconds; all pages of a machine have the same clock."""

    value: str | None
    at: float


class Watched:
    """What an attribute was from one moment to the next, on the page that is there now."""

    def __init__(self, values: Any) -> None:
        self._values = values

    @classmethod
    async def on(cls, page: Page, selector: str, attribute: str) -> "Watched":
        """Watch the first element that matches; while there is none, the value is None."""
        return cls(await page.evaluate_handle(_VALUES, [selector, attribute]))

    async def history(self) -> list[Value]:
        """All values so far, the one it began with first."""
        return [Value(*each) for each in await self._values.json_value()]

    async def values(self) -> list[str | None]:
        """The same without the moments."""
        return [each.value for each in await self.history()]
