// <quick-switch> around the form of a switch: it moves at once, and back again when the server refuses or does not
// answer. What went wrong is said by a toast.
customElements.define("quick-switch", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("htmx:before:request", this.#flip)
    this.addEventListener("htmx:after:request", this.#look)
    this.addEventListener("htmx:error", this.#back)
  }

  disconnectedCallback() {
    this.removeEventListener("htmx:before:request", this.#flip)
    this.removeEventListener("htmx:after:request", this.#look)
    this.removeEventListener("htmx:error", this.#back)
  }

  get #button() { return this.querySelector("[role=switch]") }

  #flip = () => {
    this.before = this.#button.getAttribute("aria-checked")
    this.#button.setAttribute("aria-checked", String(this.before !== "true"))
  }

  #look = ({ detail }) => { if (!detail.ctx.response?.raw?.ok) this.#back() }

  #back = () => {
    if (this.before) this.#button?.setAttribute("aria-checked", this.before)
    this.before = null
  }
})
