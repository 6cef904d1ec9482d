// A Storage as browsers have it, with a bound on what it takes, which tells the other tabs of
// what one of them changes.

export class SharedStorage {
  constructor(most = Infinity) {
    this.items = new Map();
    this.most = most;
    this.tabs = [];
  }

  // One tab's view of it; `hear(key, before, after)` is called for what others change, by `deliver`.
  tab(hear = () => {}) {
    const view = new TabStorage(this);
    this.tabs.push({ view, hear, news: [] });
    return view;
  }

  close(view) {
    this.tabs = this.tabs.filter((tab) => tab.view !== view);
  }

  // Let a tab hear what the others have changed.
  deliver(view) {
    const tab = this.tabs.find((each) => each.view === view);
    for (const change of tab?.news.splice(0) ?? []) tab.hear(...change);
  }

  change(by, key, after) {
    const before = this.items.get(key) ?? null;
    if (after === null) this.items.delete(key);
    else this.items.set(key, after);
    if (before === after) return;
    for (const tab of this.tabs) if (tab.view !== by) tab.news.push([key, before, after]);
  }
}

class TabStorage {
  constructor(shared) {
    this.shared = shared;
  }

  get length() {
    return this.shared.items.size;
  }

  key(index) {
    return [...this.shared.items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.shared.items.get(key) ?? null;
  }

  setItem(key, value) {
    const others = [...this.shared.items].filter(([name]) => name !== key);
    const taken = others.reduce((sum, [name, text]) => sum + name.length + text.length, 0);
    if (taken + key.length + value.length > this.shared.most) {
      throw new DOMException("full", "QuotaExceededError");
    }
    this.shared.change(this, key, String(value));
  }

  removeItem(key) {
    this.shared.change(this, key, null);
  }
}
