// How long to wait before the next attempt. Pure logic.
//
// Half of each step is fixed and half is drawn, so that many who lost the server at the same moment
// come back spread over time ("equal jitter": M. Brooker, "Exponential Backoff And Jitter", 2015).

export const DEFAULT_STEPS = [1, 2, 5, 10];

export class Backoff {
  // `steps` in seconds; the last one goes on for ever.
  constructor(steps = DEFAULT_STEPS, random = Math.random) {
    this.steps = steps;
    this.random = random;
    this.attempt = 0; // how many attempts were waited for since the last reset
  }

  // The wait in ms before the next attempt, at most its step and at least half of it.
  next() {
    const step = this.steps[Math.min(this.attempt, this.steps.length - 1)];
    this.attempt += 1;
    return Math.round(1000 * step * (1 - this.random() / 2));
  }

  reset() {
    this.attempt = 0;
  }
}
