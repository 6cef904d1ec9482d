// What one can do with a message, as the buttons beside it call it.

import { actions } from "../live/actions";
import { reply } from "../composer/composing";
import { openEmojiPicker } from "../emoji/picker";
import { live } from "../live/live";

export const toggleMenu = (seq) => live.toggleMenu(seq);

export function replyTo(seq) {
  live.closeMenu();
  reply(seq);
}

export function pickReaction(seq) {
  const anchor = document.querySelector(`[data-seq="${seq}"] [data-testid="message-react"]`);
  const tripId = live.shown;
  if (!anchor) return;
  openEmojiPicker(anchor, (emoji) => {
    live.closeMenu();
    actions.react(tripId, seq, emoji, true);
  });
}

export const setReaction = (seq, emoji, there) => actions.react(live.shown, seq, emoji, there);

export function showVersions(seq, dialogId) {
  live.loadVersions(seq);
  document.getElementById(dialogId)?.showPopover();
}

export function showDetails(seq, dialogId) {
  live.showDetails(seq);
  document.getElementById(dialogId)?.showPopover();
}
