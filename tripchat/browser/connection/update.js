// A page that is older than the server: it says so, and reloads by itself as soon as nobody would
// notice and nothing would be lost. What was begun to write and what waits to be sent is kept by
// the browser; all else that somebody is in the middle of is not.

import { createElement, useSyncExternalStore } from "react";
import { live } from "../live/live";
import { onServerEvent } from "./socket";

const IDLE_MS = 30_000; // nobody has touched the page for so long
const RELOADED = "tripchat:reloaded-for";

class Updates {
  constructor() {
    this.own = ""; // the build that this page is of; empty in development
    this.served = "";
    this.touchedAt = Date.now();
    this.listeners = new Set();
  }

  subscribe = (listener) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  isOutdated = () => Boolean(this.own && this.served && this.own !== this.served);

  madeBy(build) {
    this.own = build;
  }

  hear(build) {
    this.served = build;
    for (const listener of this.listeners) listener();
    clearInterval(this.waiting);
    // A reload that has not helped is not repeated.
    if (!this.isOutdated() || sessionStorage.getItem(RELOADED) === build) return;
    this.waiting = setInterval(() => this.reloadIfUnnoticed(), 1000);
  }

  touched() {
    this.touchedAt = Date.now();
  }

  reloadIfUnnoticed() {
    const isIdle = Date.now() - this.touchedAt > IDLE_MS;
    if ((document.hidden || isIdle) && !wouldLose()) this.reload();
  }

  reload() {
    sessionStorage.setItem(RELOADED, this.served);
    window.location.reload();
  }
}

const isFilled = (field) =>
  field.id !== "composer" && (field.value ?? "") !== (field.defaultValue ?? field.value ?? "");

// Whether somebody is in the middle of something that a reload would end.
function wouldLose() {
  if (document.querySelector(":popover-open, [data-testid=edit-input]")) return true;
  if (live.open && !live.getSnapshot().atEnd) return true; // the place where they read
  return [...document.querySelectorAll("input, textarea")].some(isFilled);
}

export const updates = new Updates();

onServerEvent("build", (build) => updates.hear(build));

if (typeof window !== "undefined") {
  for (const touch of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    window.addEventListener(touch, () => updates.touched(), { capture: true, passive: true });
  }
}

export function UpdateBanner(props) {
  const isOutdated = useSyncExternalStore(updates.subscribe, updates.isOutdated, () => false);
  if (!isOutdated) return null;
  return createElement(
    "div",
    { ...props, role: "status", "data-testid": "update-banner" },
    "TripChat has been updated.",
    createElement(
      "button",
      { type: "button", className: "connection-try", "data-testid": "update-reload", onClick: () => updates.reload() },
      "Reload",
    ),
  );
}
