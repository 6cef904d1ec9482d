// When the page tries to reconnect, and how it finds out that it has to.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Backoff } from "../../../tripchat/browser/connection/backoff.js";
import { Connection, MOVED } from "../../../tripchat/browser/connection/connection.js";
import { randomFrom } from "./chance.mjs";

const STEPS = [1, 2, 5, 10];

let clock;
beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
  clock = 0;
});

mock.method(performance, "now", () => Date.now());

// In small steps: what a timer sets is timed from the end of a step.
const pass = (ms) => {
  for (let left = ms; left > 0; left -= 250) {
    const step = Math.min(left, 250);
    clock += step;
    mock.timers.tick(step);
  }
};
// Let time pass while the link answers its pings.
const live = (world, ms) => {
  for (let left = ms; left > 0; left -= 250) {
    pass(Math.min(left, 250));
    world.connection.answered();
  }
};
// Let time pass until the next attempt is made.
const untilTried = (world) => {
  const before = world.attempts.length;
  for (let waited = 0; world.attempts.length === before; waited += 250) {
    assert.ok(waited <= 10_000, "no attempt within 10 s");
    pass(250);
  }
};
const settle = () => new Promise((resolve) => setImmediate(resolve));

// A link that does what the test says, and the page it is in.
class World {
  constructor(random = Math.random) {
    this.page = { online: true, hiddenFor: 0 };
    this.said = [];
    this.attempts = [];
    this.pings = 0;
    this.httpWorks = true;
    this.socketsWork = true;
    this.connection = new Connection({
      link: this,
      page: this.page,
      random,
      announce: (name, line, detail) => this.said.push({ name, line, detail, at: clock }),
    });
    this.connection.begun(); // the page's first attempt
  }

  open() {
    const { transport, isOpen, isTrying } = this.connection;
    assert.ok(!isOpen && !isTrying, "a second attempt beside the first");
    assert.ok(this.page.online, "an attempt without a network");
    this.attempts.push({ transport, at: clock });
  }

  close() {
    this.connection.lost("io client disconnect");
  }

  ping() {
    this.pings += 1;
  }

  async reachable() {
    return this.httpWorks;
  }

  async probe() {
    return this.socketsWork;
  }

  opens(transport = "websocket") {
    this.connection.opened(transport);
  }

  heard(name) {
    return this.said.filter((each) => each.name === name);
  }
}

test("each wait is between half of its step and the whole, and the last step goes on", () => {
  for (let round = 0; round < 200; round++) {
    const backoff = new Backoff(STEPS);
    for (const step of [...STEPS, 10, 10, 10]) {
      const wait = backoff.next();
      assert.ok(wait >= step * 500 && wait <= step * 1000, `${wait} ms of ${step} s`);
    }
    backoff.reset();
    assert.ok(backoff.next() <= 1000);
  }
});

test("waits of many differ", () => {
  const waits = new Set(Array.from({ length: 500 }, () => new Backoff(STEPS).next()));
  assert.ok(waits.size > 250, `${waits.size} different ones of 500`);
});

test("the first connection and a later one are told as what they are", () => {
  const world = new World();
  world.opens();
  world.connection.lost("transport close");
  assert.equal(world.connection.status, "disconnected");
  pass(1000);
  assert.equal(world.attempts.length, 1);
  world.opens();
  assert.equal(world.connection.status, "connected");
  const lines = world.said.map((each) => each.line);
  assert.equal(lines[0], "WebSocket Realtime subscribed - persistent connection active");
  assert.equal(lines[1], "Connection health check started - checking every 30 seconds");
  assert.equal(lines[2], "WebSocket Realtime connection closed - attempting reconnection");
  assert.match(lines[3], /^Scheduling WebSocket reconnection attempt 1 in \d+ ms$/);
  assert.equal(lines[4], "Attempting WebSocket reconnection...");
  assert.equal(
    lines[5],
    "WebSocket Realtime connected successfully - persistent connection established",
  );
});

test("a server that is away is tried for ever, ever more slowly", () => {
  const world = new World(() => 0);
  world.httpWorks = false;
  world.opens();
  world.connection.lost("transport close");
  for (let hour = 0; hour < 3600; hour++) {
    pass(1000);
    world.connection.failed("refused");
  }
  const gaps = world.attempts.slice(1).map(({ at }, index) => at - world.attempts[index].at);
  assert.deepEqual(gaps.slice(0, 3), [2000, 5000, 10_000]);
  assert.ok(gaps.slice(3).every((gap) => gap === 10_000));
  assert.ok(world.attempts.length > 350);
});

test("the pace starts over after a connection that lasted, not after one that broke at once", () => {
  const world = new World(() => 0);
  world.opens();
  for (const step of STEPS) {
    world.connection.lost("transport close");
    pass(step * 1000);
    world.opens();
  }
  assert.deepEqual(world.heard("scheduled").map(({ detail }) => detail.delay), [1000, 2000, 5000, 10_000]);
  pass(10_000);
  world.connection.lost("transport close");
  assert.equal(world.heard("scheduled").at(-1).detail.delay, 1000);
});

test("an attempt that hangs is given up", () => {
  const world = new World();
  pass(8000);
  assert.equal(world.connection.status, "error");
  pass(1000);
  assert.equal(world.attempts.length, 1);
});

test("a dead connection is noticed within 40 s while nothing is said", () => {
  const world = new World();
  world.opens();
  pass(30_000);
  assert.equal(world.pings, 1);
  assert.equal(world.connection.status, "connected");
  pass(8000);
  assert.equal(world.connection.status, "disconnected");
  assert.equal(world.heard("closed").length, 1);
});

test("a dead connection is noticed within 8 s of what was said into it", () => {
  for (const before of [0, 1, 17_000, 29_000]) {
    const world = new World();
    world.opens();
    pass(before);
    world.connection.said();
    pass(7500);
    assert.equal(world.connection.status, "connected");
    pass(500);
    assert.equal(world.connection.status, "disconnected", `said ${before} ms after it opened`);
  }
});

test("a living connection stays, and its round trip is known", () => {
  const world = new World();
  world.opens();
  for (let each = 0; each < 1000; each++) {
    const before = world.pings;
    world.connection.said();
    pass(5000);
    if (world.pings > before) world.connection.answered();
  }
  assert.equal(world.connection.status, "connected");
  assert.equal(world.attempts.length, 0);
  assert.equal(world.heard("pong").length, world.pings);
  assert.ok(world.connection.getSnapshot().roundTrip >= 0);
});

test("nothing is tried without a network, and at once when it is back", () => {
  const world = new World();
  world.opens();
  world.page.online = false;
  world.connection.offline();
  assert.equal(world.connection.status, "disconnected");
  assert.equal(world.connection.getSnapshot().waitsFor, "offline");
  pass(3_600_000);
  assert.equal(world.attempts.length, 0);
  world.page.online = true;
  world.connection.now();
  assert.equal(world.attempts.length, 1);
});

test("a page that is hidden for long rests, and tries at once when it is seen", () => {
  const world = new World();
  world.opens();
  world.page.hiddenFor = 1000;
  world.connection.lost("transport close");
  pass(1000);
  assert.equal(world.attempts.length, 1);
  world.page.hiddenFor = 301_000;
  world.connection.failed("refused");
  pass(3_600_000);
  assert.equal(world.attempts.length, 1);
  world.page.hiddenFor = 0;
  world.connection.now();
  assert.equal(world.attempts.length, 2);
});

test("whoever asks is not kept waiting, and does not start two attempts", () => {
  const world = new World();
  world.opens();
  world.connection.lost("transport close");
  world.connection.ask();
  world.connection.ask();
  assert.equal(world.attempts.length, 1);
  pass(7000);
  assert.equal(world.attempts.length, 1);
});

test("a page that was never connected goes over HTTP after the second refusal", async () => {
  const world = new World();
  world.connection.failed("refused");
  await settle();
  pass(1000);
  world.connection.failed("refused");
  await settle();
  assert.deepEqual(world.attempts.map((each) => each.transport), ["websocket", "stream"]);
  world.opens("stream");
  assert.equal(world.connection.status, "fallback");
});

test("a page that was connected goes over HTTP after the fourth failure, if HTTP works", async () => {
  for (const httpWorks of [true, false]) {
    const world = new World();
    world.httpWorks = httpWorks;
    world.opens();
    world.connection.lost("transport close");
    for (let failure = 0; failure < 4; failure++) {
      untilTried(world);
      assert.equal(world.attempts.at(-1).transport, "websocket");
      world.connection.failed("refused");
      await settle();
    }
    assert.equal(world.attempts.at(-1).transport, httpWorks ? "stream" : "websocket");
  }
});

test("the WebSocket is looked for every minute, and taken back without a moment of loss", async () => {
  const world = new World();
  world.socketsWork = false;
  world.connection.transport = "stream";
  world.opens("stream");
  live(world, 61_000);
  await settle();
  assert.equal(world.attempts.length, 0);
  world.socketsWork = true;
  live(world, 60_000);
  await settle();
  assert.deepEqual(world.attempts.map((each) => each.transport), ["websocket"]);
  assert.equal(world.connection.status, "fallback");
  world.opens("websocket");
  assert.equal(world.connection.status, "connected");
  assert.equal(world.heard("closed").length, 0);
});

test("a stream that cannot be opened any more gives way to the WebSocket again", async () => {
  const world = new World();
  world.connection.transport = "stream";
  world.opens("stream");
  world.connection.lost("transport error");
  for (let failure = 0; failure < 4; failure++) {
    untilTried(world);
    assert.equal(world.attempts.at(-1).transport, "stream");
    world.connection.failed("refused");
    await settle();
  }
  assert.equal(world.attempts.at(-1).transport, "websocket");
});

test("a page that is being left says nothing, and goes on if it stays after all", () => {
  const world = new World();
  world.opens();
  world.connection.lost("io client disconnect");
  assert.equal(world.heard("closed").length, 0);
  assert.equal(world.heard("scheduled").length, 0);
  pass(1000);
  assert.equal(world.attempts.length, 1);
});

test("a page that is told to move connects anew, and nobody hears of it", () => {
  for (const transport of ["websocket", "stream"]) {
    const world = new World();
    world.connection.transport = transport;
    world.opens(transport);
    const { status } = world.connection;
    const seen = [];
    world.connection.subscribe(() => seen.push(world.connection.getSnapshot().status));
    world.connection.move();
    world.connection.move(); // told twice
    pass(250);
    assert.deepEqual(world.attempts.map((each) => each.transport), [transport]);
    assert.ok(!world.connection.isOpen);
    pass(1000);
    world.opens(transport);
    live(world, 10_000);
    assert.deepEqual([...new Set(seen)], [status]);
    assert.equal(world.attempts.length, 1);
    assert.equal(world.heard("closed").length, 0);
    assert.equal(world.heard("scheduled").length, 0);
  }
});

test("a move that takes long or fails is a loss like any other", () => {
  for (const [ends, after] of [["hangs", 2250], ["fails", 250]]) {
    const world = new World();
    world.opens();
    world.connection.move();
    pass(250);
    if (ends === "fails") world.connection.failed("refused");
    pass(after - 250);
    assert.equal(world.connection.status, "disconnected", ends);
    pass(10_000);
    assert.ok(world.attempts.length > 1, ends);
    world.opens();
    assert.equal(world.connection.status, "connected", ends);
    live(world, 5000);
    assert.equal(world.connection.status, "connected", ends);
  }
});

test("a stream whose worker is gone is opened anew without a word, once in a while", () => {
  const world = new World();
  world.connection.transport = "stream";
  world.opens("stream");
  live(world, 2000);
  world.connection.lost("transport error", MOVED);
  assert.equal(world.connection.status, "fallback");
  pass(250);
  assert.equal(world.attempts.length, 1);
  world.opens("stream");
  pass(1000);
  assert.equal(world.connection.status, "fallback");
  assert.equal(world.heard("closed").length, 0);
  // One that has not lasted is no planned end.
  world.connection.lost("transport error", MOVED);
  assert.equal(world.connection.status, "disconnected");
  assert.equal(world.heard("scheduled").length, 1);
});

test("many that are told to move at once do not all come at once", () => {
  const waits = Array.from({ length: 200 }, () => {
    const world = new World();
    world.opens();
    const began = clock;
    world.connection.move();
    for (let ms = 0; world.attempts.length === 0; ms += 10) {
      assert.ok(ms <= 250);
      clock += 10;
      mock.timers.tick(10);
    }
    return clock - began;
  });
  assert.ok(new Set(waits).size >= 10, `${new Set(waits).size} different ones`);
});

test("a connection that is lost before its move is not closed once more", () => {
  const world = new World();
  world.opens();
  world.connection.move();
  world.connection.lost("transport close");
  world.connection.ask();
  world.opens();
  pass(5000);
  assert.ok(world.connection.isOpen);
  assert.equal(world.attempts.length, 1);
});

test("a stream that nobody sees makes room for others, a WebSocket stays", () => {
  for (const transport of ["stream", "websocket"]) {
    const world = new World();
    world.connection.transport = transport;
    world.opens(transport);
    world.page.hiddenFor = 10_000;
    world.connection.hidden();
    live(world, 11_000);
    assert.equal(world.connection.isOpen, transport === "websocket");
    live(world, 60_000);
    assert.equal(world.attempts.length, 0);
    world.page.hiddenFor = 0;
    world.connection.now();
    assert.equal(world.attempts.length, transport === "websocket" ? 0 : 1);
  }
});

// Whatever happens in whatever order, the page comes back once it can.
test("no order of events leaves the page without an attempt to come", async () => {
  for (let seed = 1; seed <= 300; seed++) {
    mock.timers.reset();
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now: 1_000_000 });
    const random = randomFrom(seed);
    const world = new World(random);
    const { connection, page } = world;
    const events = [
      () => connection.isTrying && world.opens(connection.transport),
      () => connection.failed("refused"),
      () => connection.lost("transport close"),
      () => connection.lost("io client disconnect"),
      () => connection.said(),
      () => connection.answered(),
      () => connection.plan(),
      () => connection.move(),
      () => connection.lost("transport error", MOVED),
      () => ((page.online = false), connection.offline()),
      () => ((page.online = true), connection.now()),
      () => ((page.hiddenFor = 400_000), connection.hidden()),
      () => ((page.hiddenFor = 0), connection.now()),
      () => page.online && connection.ask(),
      () => (world.httpWorks = !world.httpWorks),
      () => (world.socketsWork = !world.socketsWork),
      () => pass(Math.floor(random() * 70_000)),
      () => pass(Math.floor(random() * 1000)),
    ];
    for (let step = 0; step < 60; step++) {
      events[Math.floor(random() * events.length)]();
      await settle();
      const at = `seed ${seed}, step ${step}`;
      assert.ok(!connection.isOpen || !connection.isTrying, at);
      const canTry = page.online && page.hiddenFor === 0;
      if (canTry && !connection.isOpen && !connection.isTrying) {
        assert.ok(connection.timer, `nothing planned: ${at}`);
      }
    }
    page.online = true;
    page.hiddenFor = 0;
    connection.now();
    const tried = world.attempts.length;
    if (!connection.isOpen) assert.ok(connection.isTrying || tried > 0, `seed ${seed}`);
    if (connection.isTrying) world.opens(connection.transport);
    assert.ok(connection.isOpen, `seed ${seed}`);
  }
});
