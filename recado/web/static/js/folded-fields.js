// <folded-fields> in a closed <details>: its fields stand in a <noscript>, so a page that opens neither makes nor measures them. They
// take its place when the fold is opened, and in a quiet moment once somebody has begun to use the page; what is drawn after that has
// them at once.
import { whenIdle } from "idle"

const NAME = "folded-fields"
const BEGUN = ["pointerdown", "pointermove", "keydown"]
const begun = new AbortController()

for (const name of BEGUN) document.addEventListener(name, begin, { capture: true, passive: true, signal: begun.signal })
document.addEventListener("submit", unfoldAll, true)

customElements.define(NAME, class extends HTMLElement {
  connectedCallback() {
    if (begun.signal.aborted) this.unfold()
    else this.closest("details").addEventListener("toggle", () => this.unfold(), { once: true })
  }

  unfold() {
    const held = this.firstElementChild
    if (!held || !this.isConnected) return
    if (!held.childElementCount) this.innerHTML = held.textContent // text where scripts run, elements in what htmx draws
    const fields = [...(held.isConnected ? held : this).children]
    this.replaceWith(...fields)
    for (const field of fields) window.htmx.process(field)
  }
})

function begin() {
  begun.abort()
  whenIdle(unfoldAll)
}

function unfoldAll() {
  for (const one of document.querySelectorAll(NAME)) one.unfold()
}
