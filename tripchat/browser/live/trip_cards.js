// My trips as the list shows them: the cards as they were loaded, then what has been heard since.
// The trip that is open tells its newest message itself.

import { useMemo } from "react";
import { useStateContext } from "$/utils/context-registry";
import { tripDates } from "../dates";
import { live } from "./live";
import { useLive } from "./use_live";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const when = (at) => {
  if (!at) return "";
  return (new Date(at).toDateString() === new Date().toDateString() ? clock : day).format(at);
};

// Of what is known of a trip's newest message, the newest: a later one, or a later change of it.
const newer = (one, other) =>
  other.last_seq > one.last_seq || (other.last_seq === one.last_seq && other.last_rev >= (one.last_rev ?? 0))
    ? other
    : one;

export function useTripCards(listState, sessionState) {
  const vars = useStateContext(listState);
  const userId = useStateContext(sessionState)?.user_id_rx_state_;
  const heard = useLive("heard");
  const tripId = useLive("tripId");
  const readSeq = useLive("readSeq");
  return useMemo(() => {
    const cards = (vars?.cards_rx_state_ ?? []).map((card) => {
      const id = card.trip_id;
      const told = vars[`t_${id}_rx_state_`];
      // Of two that are as new, the one that still follows: the room's where the trip is open.
      const both = id === tripId ? [told, heard[id]] : [heard[id], told];
      const last = both.filter(Boolean).reduce(newer, card);
      const read = Math.max(card.read_seq, vars[`r_${id}_rx_state_`] ?? 0, live.readUpTo(id));
      // My own message moves my marker, but that is told after it.
      const isMine = last.last_author_id === userId && last.last_seq === read + 1;
      const unread = isMine ? 0 : Math.max(0, last.last_seq - read);
      const { starts_on, ends_on, ...described } = { ...card, ...vars[`d_${id}_rx_state_`] };
      return {
        ...described,
        last_seq: last.last_seq,
        last_line: last.last_line,
        last_author: last.last_author_id === userId ? "You" : (last.last_author ?? ""),
        last_deleted: Boolean(last.last_at) && !last.last_line,
        last_at: last.last_at,
        last_at_label: when(last.last_at),
        dates_label: tripDates(starts_on, ends_on),
        unread,
        mentions: unread && Math.min(unread, vars[`n_${id}_rx_state_`] ?? card.mentions),
        current: id === tripId,
      };
    });
    return cards.sort((a, b) => (b.last_at || 0) - (a.last_at || 0));
  }, [vars, userId, heard, tripId, readSeq]);
}

// Whether the list has been loaded: before, an empty list means nothing.
export const useTripCardsLoaded = (listState) =>
  useStateContext(listState)?.cards_rx_state_ !== undefined;
