// What the next message answers, above the field one writes in.

import { createElement, useSyncExternalStore } from "react";
import { live } from "../live/live";

// What is known of the message that a draft answers, as it is by now: null without one.
export function useQuote(reply) {
  const get = () => (reply ? live.quote(reply.seq) : null);
  return useSyncExternalStore(live.subscribe, get, () => null);
}

const GONE = "the message was deleted, yours will be sent without it";
const FAR_BACK = "an earlier message";

const nameOf = (author) => (author?.user_id === live.userId ? "yourself" : (author?.name ?? ""));

export function ReplyBar({ id, reply, quote, cancelIcon, onCancel }) {
  const get = () => live.person(reply.author_id);
  const author = useSyncExternalStore(live.subscribe, get, () => undefined);
  const gone = Boolean(quote?.deleted);
  return createElement(
    "div",
    { className: "reply-bar", style: { "--hue": author?.hue ?? 0 }, "data-testid": "reply-bar" },
    createElement(
      "p",
      { id, className: "reply-bar-text", role: "status" },
      createElement("span", { className: "reply-bar-name" }, `Replying to ${nameOf(author)}: `),
      createElement(
        "span",
        { className: gone ? "reply-bar-gone" : "reply-bar-line" },
        gone ? GONE : (quote?.line ?? FAR_BACK),
      ),
    ),
    createElement(
      "button",
      {
        type: "button",
        className: "icon-button",
        "data-testid": "reply-cancel",
        "aria-label": "Cancel the reply",
        onClick: onCancel,
      },
      cancelIcon,
    ),
  );
}
