// What was news in the last minute, by name, and when: whoever was asked before it answers what is old.
const KEPT = 60_000

export class HeardNews {
  #at = new Map()

  add(names) {
    const now = performance.now()
    for (const [name, at] of this.#at) if (at < now - KEPT) this.#at.delete(name)
    for (const name of names) this.#at.set(name, now)
  }

  areNewsSince(moment, names) {
    return names.some((name) => this.#at.get(name) > moment)
  }
}
