// My trips as the list shows them: the cards as they were loaded, then what has been heard since.
// The trip that is open tells its newest message itself.

import { useMemo } from "react";
import { useStateContext } from "$/utils/context-registry";
import { tripDates } from "./dates";
import { useTimeline } from "./live";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const when = (at) => {
  if (!at) return "";
  return (new Date(at).toDateString() === new Date().toDateString() ? clock : day).format(at);
};

export function useTripCards(listState, sessionState) {
  const vars = useStateContext(listState);
  const userId = useStateContext(sessionState)?.user_id_rx_state_;
  const { tripId, lastMessage, readSeq } = useTimeline();
  return useMemo(() => {
    const cards = (vars?.cards_rx_state_ ?? []).map((card) => {
      const id = card.trip_id;
      const heard = [vars[`t_${id}_rx_state_`], id === tripId && lastMessage]
        .filter(Boolean)
        .reduce((newest, each) => (each.last_seq >= newest.last_seq ? each : newest), card);
      const read = Math.max(
        card.read_seq,
        vars[`r_${id}_rx_state_`] ?? 0,
        id === tripId ? readSeq : 0,
      );
      const mine = heard.last_author_id === userId;
      return {
        ...card,
        last_seq: heard.last_seq,
        last_line: heard.last_line,
        last_author: mine ? "You" : (heard.last_author ?? ""),
        last_at: heard.last_at,
        last_at_label: when(heard.last_at),
        dates_label: tripDates(card.starts_on, card.ends_on),
        unread: Math.max(0, heard.last_seq - read),
        current: id === tripId,
      };
    });
    return cards.sort((a, b) => (b.last_at || 0) - (a.last_at || 0));
  }, [vars, userId, tripId, lastMessage, readSeq]);
}

// Whether the list has been loaded: before, an empty list means nothing.
export const useTripCardsLoaded = (listState) =>
  useStateContext(listState)?.cards_rx_state_ !== undefined;
