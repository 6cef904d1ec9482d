// Whether an open connection still carries anything: a ping now and then, and an answer in time.
// Pure logic over two calls.
//
// Only the answer to a ping counts. What comes from others says nothing of whether they hear us.

export const DEFAULT_EVERY = 30; // seconds between two pings while nothing is said
const WITHIN_MS = 8_000; // an answer that takes longer is none

export class HealthCheck {
  // `ping` sends one, `dead` is called when no answer came.
  constructor({ ping, dead }) {
    this.ping = ping;
    this.dead = dead;
    this.every = DEFAULT_EVERY;
    this.due = 0; // when the answer to it is due
    this.pingedAt = 0; // when the ping under way was sent, 0 without one
    this.roundTrip = null; // ms that the last ping and its answer took
  }

  start() {
    this.stop();
    this.regular = setInterval(() => this.check(), 1000 * this.every);
  }

  stop() {
    clearInterval(this.regular);
    clearTimeout(this.deadline);
    clearTimeout(this.suspicion);
    this.deadline = this.suspicion = null;
    this.pingedAt = 0;
    this.roundTrip = null;
  }

  // Something was sent, which may have gone nowhere: that is found out in the same time as after a
  // ping. Half of it is waited, so that who says a lot does not ping each time.
  said() {
    if (this.suspicion) return;
    this.suspicion = setTimeout(() => {
      this.suspicion = null;
      this.check(WITHIN_MS / 2);
    }, WITHIN_MS / 2);
  }

  check(within = WITHIN_MS) {
    const now = performance.now();
    const due = now + within;
    // Of two that wait for the same answer, whoever has less patience decides.
    if (this.pingedAt && this.due <= due) return;
    clearTimeout(this.deadline);
    this.due = due;
    this.deadline = setTimeout(() => this.dead(), within);
    if (this.pingedAt) return;
    this.pingedAt = now;
    this.ping();
  }

  // The answer to the ping; gives the round trip in ms, null when none was expected.
  answered() {
    if (!this.pingedAt) return null;
    clearTimeout(this.deadline);
    this.roundTrip = performance.now() - this.pingedAt;
    this.pingedAt = 0;
    return this.roundTrip;
  }
}
