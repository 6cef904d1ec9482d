// Signing out here leaves nothing behind: what was not sent is lost with it, which is asked first.

import { live } from "./live";
import { outbox } from "./page_outbox";

let agreed = false;

// Whether one may sign out; otherwise the question is shown.
export function maySignOut() {
  live.leaving = agreed || !outbox.unsent().length;
  if (!live.leaving) document.getElementById("sign-out-dialog")?.showPopover();
  agreed = false;
  return live.leaving;
}

export function signOutAnyway() {
  agreed = true;
  document.querySelector(".sign-out-form").requestSubmit();
}

const PATIENCE = 10_000;

// Whoever erases their account takes along what was not sent, unless it is refused: an answer that
// has not come by then is none.
export function mayErase() {
  live.leaving = true;
  setTimeout(() => (live.leaving = false), PATIENCE);
  return true;
}

export const leaveNothing = () => live.leaveNothing();
