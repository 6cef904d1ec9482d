// A photo, or a quiet sign in its place where there is none to show: it was deleted, or is not for
// the one who looks. What failed is tried again when the page is connected anew.

import { createElement, useState } from "react";
import { useLive } from "../live/use_live";

export const GONE = "This photo cannot be shown";

export function Photo({ src, alt, goneIcon, ...props }) {
  const connections = useLive("connections");
  const [failed, setFailed] = useState(null);
  const isGone = failed?.src === src && failed.connections === connections;
  if (!src || isGone) {
    const named = src ? { role: "img", "aria-label": GONE, title: GONE } : {};
    return createElement("span", { className: "photo-gone", ...named }, goneIcon);
  }
  return createElement("img", {
    ...props,
    src,
    alt,
    decoding: "async",
    draggable: false,
    onError: () => setFailed({ src, connections }),
  });
}
