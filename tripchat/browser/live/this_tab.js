// Which tab this is, to itself and to the others of the same browser. A tab holds the lock that is
// named after it for as long as it lives.

import { newClientId } from "./outbox";

export const tab = newClientId();

// Browsers have locks on https and localhost alone. Without them several tabs may send what one
// has left; the server takes each message once.
export const locks = typeof navigator === "undefined" ? undefined : navigator.locks;

export const lockOf = (name) => `tripchat:tab:${name}`;

// The tabs that live, null where that cannot be known.
export async function livingTabs() {
  if (!locks) return null;
  const { held } = await locks.query();
  const prefix = lockOf("");
  const names = held.map(({ name }) => name).filter((name) => name.startsWith(prefix));
  return new Set([tab, ...names.map((name) => name.slice(prefix.length))]);
}
