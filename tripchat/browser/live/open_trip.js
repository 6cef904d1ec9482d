// One trip as this tab knows it: its messages, its people and what they are doing. It is kept when
// another trip is opened, so that coming back shows it at once. Pure logic.

import { Readers } from "./readers.js";
import { TimelineStore } from "./timeline_store.js";
import { typing } from "./words.js";

const NOBODY = { ids: "", words: "" };
const PERSON = /^u_(.*)_rx_state_$/;
const valueOf = (vars, name) => vars?.[`${name}_rx_state_`];

export class OpenTrip {
  constructor(tripId) {
    this.tripId = tripId;
    this.timeline = new TimelineStore(tripId);
    this.trip = null; // title, destination, days
    this.marker = 0; // how far the viewer has read, as the server knows it
    this.people = []; // everybody who is or was in it, in the order in which they joined
    this.members = []; // those who are in it now
    this.byId = new Map();
    this.names = new Map(); // user id -> name
    this.readers = new Readers([]);
    this.typing = [];
    this.typists = NOBODY; // those who type, without the viewer
    this.seats = {};
    this.marking = null; // the timer that tells the server what was read
  }

  // Take the room's vars as they are now. They may hold more than this trip's: what the tab had
  // open before stands in vars that this trip has not used yet.
  apply(vars, userId, looking) {
    this.trip = valueOf(vars, "trip");
    this.marker = valueOf(vars, `k_${userId}`) ?? 0;
    this.timeline.applyRoom(vars, this.marker, looking);
    const seated = this.seat(vars);
    if (seated) this.readers = new Readers(this.members.filter((one) => one.user_id !== userId));
    const types = valueOf(vars, "typing") ?? [];
    if (!seated && types === this.typing) return;
    this.typing = types;
    const others = types.filter((each) => each !== userId && this.byId.has(each));
    this.typists = others.length
      ? { ids: others.join(" "), words: typing(others.map((each) => this.byId.get(each).name)) }
      : NOBODY;
  }

  // Take the people as they are now; says whether anything about them has changed.
  seat(vars) {
    const seats = {};
    const found = [];
    let same = true;
    for (const key in vars) {
      const [, userId] = PERSON.exec(key) ?? [];
      const person = userId && vars[key];
      if (person?.trip_id !== this.tripId) continue;
      const online = Boolean(valueOf(vars, `o_${userId}`));
      const readSeq = valueOf(vars, `k_${userId}`) ?? 0;
      const known = this.seats[userId];
      const seat =
        known?.person === person && known.member.online === online && known.member.read_seq === readSeq
          ? known
          : { person, member: { ...person, online, read_seq: readSeq } };
      same &&= seat === known;
      seats[userId] = seat;
      found.push(seat.member);
    }
    if (same && found.length === this.people.length) return false;
    this.seats = seats;
    this.people = found.sort(
      (a, b) => a.joined_at - b.joined_at || (a.user_id < b.user_id ? -1 : 1),
    );
    this.members = this.people.filter((member) => !member.left);
    this.byId = new Map(found.map((member) => [member.user_id, member]));
    if (found.some((one) => this.names.get(one.user_id) !== one.name)) {
      this.names = new Map(found.map((one) => [one.user_id, one.name]));
    }
    return true;
  }

  organises(userId) {
    return this.byId.get(userId)?.role === "organiser";
  }
}
