// <drop-menus>: every <details class="drop"> of the page behaves as a menu. Esc, a press or the focus elsewhere close
// it, and Esc takes the focus back to what opened it; arrows, Home and End go through its entries. One is open at once.
const ENTRIES = "a[href], button, summary, input, select, textarea"

const isThere = (element) => element.checkVisibility() && !element.disabled

customElements.define("drop-menus", class extends HTMLElement {
  connectedCallback() { this.#listen("addEventListener") }
  disconnectedCallback() { this.#listen("removeEventListener") }

  #listen(how) {
    document[how]("toggle", this.#toggled, true) // it does not bubble
    document[how]("pointerdown", this.#elsewhere)
    document[how]("focusin", this.#elsewhere)
    document[how]("click", this.#chosen)
    document[how]("keydown", this.#press, true) // before what else a key means
  }

  get #open() { return [...document.querySelectorAll("details.drop[open]")] }

  #toggled = ({ target }) => {
    if (!target.matches?.("details.drop[open]")) return
    for (const other of this.#open) if (!other.contains(target)) other.open = false
  }

  #elsewhere = ({ target }) => {
    for (const drop of this.#open) if (!drop.contains(target)) drop.open = false
  }

  // What was chosen happens; a menu of links and buttons has done its work.
  #chosen = ({ target }) => {
    const entry = target.closest?.(".drop-list :is(a[href], button)")
    const drop = entry?.closest("details.drop")
    if (!drop || drop.querySelector(".drop-list :is(select, input:not([type=hidden]), textarea)")) return
    const hadFocus = drop.contains(document.activeElement)
    drop.open = false
    if (hadFocus) drop.querySelector("summary").focus()
  }

  #press = (event) => {
    const drop = event.target.closest?.("details.drop[open]") ?? this.#open.at(-1)
    if (event.key === "Escape" && drop) return this.#close(event, drop)
    const own = event.target.closest?.("details.drop")
    if (own && !event.target.matches("input, select, textarea")) this.#walk(event, own)
  }

  #close(event, drop) {
    event.preventDefault()
    event.stopPropagation()
    drop.open = false
    drop.querySelector("summary").focus()
  }

  #walk(event, drop) {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: 0 }[event.key]
    if (step === undefined || (!drop.open && event.key !== "ArrowDown")) return
    event.preventDefault()
    drop.open = true
    const entries = [...drop.querySelectorAll(`.drop-list :is(${ENTRIES})`)].filter(isThere)
    const at = entries.indexOf(document.activeElement)
    const first = event.key === "Home" || (at < 0 && step > 0)
    const last = event.key === "End" || (at < 0 && step < 0)
    const next = first ? 0 : last ? entries.length - 1 : (at + step + entries.length) % entries.length
    entries[next]?.focus()
  }
})
