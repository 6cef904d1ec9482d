// Runs in every page of the faults: tells at once how the page is and what it must never show, and
// does what a person would do, by the test ids.
(() => {
  if (window.faults) return;
  const find = (id, within = document) => within.querySelector(`[data-testid="${id}"]`);
  const rows = () => [...document.querySelectorAll('[data-testid="message"]')];
  const sent = (row) => row.dataset.state === "sent";
  const soon = (ms) => new Promise((done) => setTimeout(done, ms));

  // Every moment: nothing twice, nothing out of order.
  const told = new Set();
  const complain = (what) => {
    if (told.has(what)) return;
    told.add(what);
    window.faultsTell({ violation: what });
  };
  const failed = new Set();
  let last = "";
  const look = () => {
    const shown = new Set();
    let newest = 0;
    let sending = 0;
    for (const { dataset } of rows()) {
      const { clientId, messageId, authorId, state } = dataset;
      for (const name of [messageId && `message ${messageId}`, `${authorId} ${clientId}`]) {
        if (name && shown.has(name)) complain(`shown twice: ${name}`);
        shown.add(name);
      }
      const seq = Number(dataset.seq) || 0;
      if (seq && seq <= newest) complain(`out of order: ${seq} after ${newest}`);
      if (seq) newest = seq;
      if (state === "sending" || dataset.changing === "true") sending += 1;
      if (state === "failed" && !failed.has(clientId)) {
        failed.add(clientId);
        window.faultsTell({ refused: clientId });
      }
    }
    const app = find("app");
    const now = {
      connection: app?.dataset.connectionState ?? "",
      hydrated: app?.dataset.hydrated === "true",
      transport: app?.dataset.transport ?? "",
      last_seq: Number(find("room")?.dataset.lastSeq) || 0,
      pending: sending,
    };
    const text = JSON.stringify(now);
    if (text !== last) window.faultsTell(now);
    last = text;
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: [
      "data-state", "data-seq", "data-client-id", "data-message-id", "data-changing",
      "data-connection-state", "data-hydrated", "data-last-seq", "data-transport",
    ],
  });

  const setValue = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  const type = (field, text) => {
    setValue.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const appears = async (look, ms = 5000) => {
    for (const end = Date.now() + ms; Date.now() < end; await soon(10)) {
      const found = look();
      if (found) return found;
    }
    return null;
  };
  const chosen = (number, fits) => {
    const fitting = rows().slice(-20).filter(fits);
    return fitting.length ? fitting[number % fitting.length] : null;
  };

  window.faults = {
    // Write and send a text; gives the client id of the message that the page has made of it.
    async write(text, reply = null) {
      const original = reply === null ? null : chosen(reply, sent);
      if (original) {
        find("message-reply", original)?.click();
        await soon(0);
      }
      const field = find("composer-input");
      if (!field) return null;
      type(field, text);
      await soon(0);
      find("composer-send").click();
      const row = await appears(() =>
        rows().findLast((each) => find("message-text", each)?.textContent.trim() === text),
      );
      return row?.dataset.clientId ?? null;
    },
    async edit(number, text) {
      const row = chosen(number, (each) => sent(each) && find("message-edit", each));
      if (!row) return;
      find("message-edit", row).click();
      const field = await appears(() => find("edit-input"));
      if (!field) return;
      type(field, text);
      await soon(0);
      find("edit-save")?.click();
    },
    delete(number) {
      const row = chosen(number, (each) => sent(each) && find("message-edit", each));
      if (row) find("message-delete", row)?.click();
    },
    react(number) {
      const row = chosen(number, (each) => find("reaction", each));
      if (row) find("reaction", row)?.click();
    },
    // The newest messages as a person sees them.
    shown(most) {
      find("edit-cancel")?.click(); // an edit that is begun hides the text
      const stored = rows().filter((row) => Number(row.dataset.seq));
      return stored.slice(-most).map((row) => ({
        ...Object.fromEntries(
          ["messageId", "clientId", "seq", "authorId", "state", "edited"].map((name) => [
            name,
            row.dataset[name] ?? "",
          ]),
        ),
        author: find("message-author", row)?.textContent ?? "",
        text: find("message-text", row)?.innerHTML ?? "",
        reactions: [...row.querySelectorAll('[data-testid="reaction"]')].map(({ dataset }) =>
          [dataset.emoji, dataset.count, dataset.mine].join(" "),
        ),
        quote: find("reply-quote", row)?.outerHTML ?? "",
      }));
    },
  };
  document.addEventListener("DOMContentLoaded", look);
})();
