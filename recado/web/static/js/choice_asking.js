// Options of a <select> that are looked for while somebody types, for <pick-one asks="/app/…">.
const WAIT = 200 // milliseconds without typing before the server is asked

export class ChoiceAsking {
  constructor(select, address) { Object.assign(this, { select, address }) }

  /** Puts what the server finds in the place of the options, but for the chosen one; then calls back with what fits. */
  ask(typed, then) {
    this.stop()
    this.wait = setTimeout(async () => {
      const asked = this.wait
      const answer = await fetch(`${this.address}?${new URLSearchParams({ q: typed })}`, { headers: { "hx-request": "true" } }).catch(() => null)
      if (!answer?.ok || answer.redirected || asked !== this.wait) return
      const found = document.createElement("template")
      found.innerHTML = await answer.text() // our own fragment, escaped there
      const [chosen] = this.select.selectedOptions
      const fitting = [...found.content.children].map((one) => (one.value === chosen?.value ? chosen : one))
      this.select.replaceChildren(...(chosen && !fitting.includes(chosen) ? [chosen] : []), ...fitting)
      then(typed ? fitting : this.select.options)
    }, WAIT)
  }

  stop() { clearTimeout(this.wait) }
}
