import { useMemo, useSyncExternalStore } from "react";
import { connection } from "./socket";
import { details, WORDS } from "./words";

// The connection as it is now (`Connection.look`); whoever uses it renders again when it changes.
export const useConnection = () =>
  useSyncExternalStore(connection.subscribe, connection.getSnapshot, connection.getSnapshot);

// The same in words: {word, details}.
export function useConnectionTold() {
  const now = useConnection();
  return useMemo(() => ({ word: WORDS[now.status], details: details(now) }), [now]);
}

// Look at once whether the server can be reached.
export const tryNow = () => connection.ask();

// Connect anew, for the browser has another cookie now: the old one opens nothing any more.
export const connectAnew = () => connection.isOpen && connection.change();
