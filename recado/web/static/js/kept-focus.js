// <kept-focus>: where a part of the page is drawn anew without what had the focus, the focus goes to what is called
// the same there, as soon as there is one; until then to the part itself, so that nobody begins at the top of the
// page again, and whoever presses Enter twice presses nothing that came meanwhile.
const STOPS = "a[href], button, summary, input:not([type=hidden]), select, textarea"

const isThere = (element) => element.checkVisibility() && !element.disabled
const nameOf = (element) => element.ariaLabel || element.textContent.trim()

customElements.define("kept-focus", class extends HTMLElement {
  #lost = null // what had the focus, its name, and the ids of what is around it
  #part = null // which has the focus instead

  connectedCallback() { this.#listen("addEventListener") }
  disconnectedCallback() { this.#listen("removeEventListener") }

  #listen(how) {
    document[how]("htmx:before:swap", this.#note)
    document[how]("htmx:after:swap", this.#look)
    document[how]("pointerdown", this.#forget)
  }

  get #isNowhere() { return [null, document.body, this.#part].includes(document.activeElement) }

  #forget = () => { this.#lost = null }

  #note = () => {
    if (this.#isNowhere) return
    const at = document.activeElement, places = []
    for (let one = at.closest("[id]"); one; one = one.parentElement?.closest("[id]")) places.push(one.id)
    this.#lost = { at, places, name: nameOf(at) }
  }

  #look = () => {
    if (!this.#lost || this.#lost.at.isConnected || !this.#isNowhere) return
    const place = this.#lost.places.map((id) => document.getElementById(id)).find(Boolean)
    const same = [...place?.querySelectorAll(STOPS) ?? []].find((one) => isThere(one) && nameOf(one) === this.#lost.name)
    if (same) return same.focus()
    this.#part = place
    place?.setAttribute("tabindex", "-1")
    place?.focus({ preventScroll: true })
  }
})
