// What was news in the last minute, by name, and when: whoever was asked before it answers what is old.
const KEPT = 60_000

export class HeardNews {
  #heard = [] // each as its names and its moment, the oldest first

  add(names) {
    const at = performance.now()
    while (this.#heard[0]?.at < at - KEPT) this.#heard.shift()
    this.#heard.push({ names, at })
  }

  /** How often one of these names was news since a moment. */
  since(moment, names) {
    return this.#heard.filter((one) => one.at > moment && names.some((name) => one.names.includes(name))).length
  }
}
