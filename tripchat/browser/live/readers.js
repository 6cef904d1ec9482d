// Who of the others has read how far: whoever has read a message has read all before it. Pure logic.

import { listed } from "./words.js";

const NAMED = 6;

export class Readers {
  // `members` are the others, each with `name` and `read_seq`.
  constructor(members) {
    this.readers = [...members].sort((a, b) => b.read_seq - a.read_seq);
    this.sentences = new Map();
  }

  // "Seen by Ana and Bo" for message `seq`, "" while nobody has seen it.
  of(seq) {
    const count = this.count(seq);
    if (!this.sentences.has(count)) {
      const names = this.names(seq);
      const everybody = count > 1 && count === this.readers.length;
      this.sentences.set(count, count ? `Seen by ${everybody ? "everyone" : listed(names, NAMED)}` : "");
    }
    return this.sentences.get(count);
  }

  // The names of those who have seen message `seq`, who has read most first.
  names(seq) {
    return this.readers.slice(0, this.count(seq)).map((reader) => reader.name);
  }

  count(seq) {
    let low = 0;
    let high = this.readers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.readers[middle].read_seq >= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
