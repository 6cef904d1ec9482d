// What the server has said of my newest messages: when it stored and told them, and whom they
// reached. This tab alone knows it, for its own. Pure logic.

const MOST = 200;

export class Receipts {
  constructor() {
    this.byId = new Map(); // client id -> {sent_at, broadcast_at, reached?, of?}
  }

  // `of` is how many others there were to reach, undefined where that is not known.
  note({ client_id, sent_at, broadcast_at, reached }, of) {
    // What was known of the first attempt is not known of a repeat.
    this.byId.set(client_id, { sent_at, broadcast_at, reached, of, ...this.known(client_id) });
    if (this.byId.size > MOST) this.byId.delete(this.byId.keys().next().value);
  }

  known(clientId) {
    const known = this.byId.get(clientId);
    return known?.reached === undefined ? undefined : known;
  }

  of(clientId) {
    return this.byId.get(clientId);
  }
}
