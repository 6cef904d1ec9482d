// What people are told about the connection. Pure logic over `Connection.look`.

// One word for each state, for where there is little room.
export const WORDS = {
  connecting: "Connecting",
  connected: "Connected",
  fallback: "Connected over HTTP",
  disconnected: "Not connected",
  error: "Not connected",
};

// What has happened, as a sentence; empty when there is nothing to say.
export function sentence({ status, waitsFor }) {
  if (status === "connecting" || status === "connected") return "";
  if (status === "fallback") return "This network blocks WebSockets. TripChat goes on over HTTP.";
  if (waitsFor === "offline") return "You are offline. What you write is kept.";
  if (status === "error") return "TripChat can't be reached.";
  return "Connection lost. What you write is kept.";
}

// What comes next: "Trying again in 4 s", "Trying again…", or nothing.
export function next({ isOpen, isTrying, nextAt }, now) {
  if (isOpen) return "";
  if (isTrying) return "Trying again…";
  if (!nextAt) return "";
  return `Trying again in ${Math.max(1, Math.ceil((nextAt - now) / 1000))} s`;
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

// The connection's details: [name, value] each.
export function details({ status, transport, isOpen, openedAt, roundTrip, attempt }) {
  return [
    ["Status", WORDS[status]],
    ["Way", transport === "stream" ? "HTTP stream" : "WebSocket"],
    ["Round trip", roundTrip === null ? "not measured yet" : `${roundTrip.toFixed(roundTrip < 10 ? 1 : 0)} ms`],
    isOpen
      ? ["Open since", new Date(openedAt).toLocaleTimeString(undefined, CLOCK)]
      : ["Attempts", String(attempt)],
  ];
}
