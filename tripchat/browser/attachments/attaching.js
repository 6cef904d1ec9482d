// Files that somebody gives to the message they are writing: by the button, pasted, or dropped.

import { createElement } from "react";
import { composing } from "../composer/composing";
import { live } from "../live/live";
import { choose } from "./choosing";
import { uploads } from "./page_uploads";

const limits = { most: 0, mostBytes: 0 };

// How many files a message may have, and how large each may be: the composer knows.
export function setLimits(most, mostBytes) {
  Object.assign(limits, { most, mostBytes });
}

// Take files for the message that is being written in the trip on the page.
export function attach(files) {
  const tripId = live.shown;
  if (!live.open || !files.length) return;
  const already = uploads.tray(tripId).length;
  const { taken, problem } = choose([...files], { already, ...limits });
  composing.refuse(tripId, problem);
  uploads.choose(tripId, taken);
  goOnWriting();
}

// Where there is a keyboard: on a phone one would cover the files that have just come.
function goOnWriting() {
  if (window.matchMedia("(pointer: fine)").matches) composing.field?.focus();
}

// A copy of a table or a page may bring a picture of itself along: there the text is meant.
export function pastedFiles({ types, files }) {
  const isFormatted = types.includes("text/plain") && types.includes("text/html");
  return isFormatted ? [] : [...files];
}

// The browser's own control, under an icon: it needs nothing to be opened by pointer or key.
export function AttachButton({ label, children, ...props }) {
  const onChange = ({ target }) => {
    const files = [...target.files];
    target.value = ""; // the same file may be chosen again
    attach(files);
  };
  return createElement(
    "span",
    props,
    children,
    createElement("input", {
      type: "file",
      multiple: true,
      title: label,
      "aria-label": label,
      "data-testid": "composer-attach",
      onChange,
    }),
  );
}

export const cancelUpload = (id) => {
  uploads.cancel(id);
  composing.refuse(live.shown, "");
  goOnWriting();
};

export const retryUpload = (id) => uploads.retry(id);
