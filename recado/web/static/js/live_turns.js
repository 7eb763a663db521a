// When parts of a page look, by their ids. Where many pages are open, a part looks at a moment of its own at what is news for
// all of them; unless the news concerns this page more than others. In a page in the background they look once it is seen again.
export class LiveTurns {
  pace = 0 // milliseconds in which all pages look, one after the other
  #due = new Map() // timers, and the moments at which they end
  #skipped = new Set() // the parts that wait for no turn
  #unseen = new Map() // what waits until the page is seen

  wait(part) {
    const turn = this.#skipped.has(part.id) ? 0 : Math.random() * this.pace
    return Number(part.dataset.after) + turn
  }

  skip(id) {
    this.#skipped.add(id)
  }

  taken(id) {
    this.#skipped.delete(id)
  }

  show = () => {
    if (document.hidden) return
    const waiting = [...this.#unseen.values()]
    this.#unseen.clear()
    for (const act of waiting) act()
  }

  /** The earliest moment counts: other news does not put it off. */
  after(wait, id, act) {
    if (document.hidden) return this.#unseen.set(id, act)
    const at = performance.now() + wait
    if (this.#due.get(id)?.at <= at) return
    this.forget(id)
    const timer = setTimeout(() => {
      this.#due.delete(id)
      act()
    }, wait)
    this.#due.set(id, { timer, at })
  }

  forget(id) {
    clearTimeout(this.#due.get(id)?.timer)
    this.#due.delete(id)
    this.#unseen.delete(id)
  }
}
