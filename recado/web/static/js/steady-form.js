// <steady-form> around a form that is redrawn in parts: an answer that knows nothing of what somebody
// has changed inside the part meanwhile is not shown; the question is asked again, with everything.
customElements.define("steady-form", class extends HTMLElement {
  #changed = []  // fields, in the order in which they were changed
  #known = new WeakMap()  // how many of these changes a question has told of

  connectedCallback() {
    this.addEventListener("input", this.#note)
    this.addEventListener("htmx:config:request", this.#ask)
    this.addEventListener("htmx:before:swap", this.#weigh)
  }

  disconnectedCallback() {
    this.removeEventListener("input", this.#note)
    this.removeEventListener("htmx:config:request", this.#ask)
    this.removeEventListener("htmx:before:swap", this.#weigh)
  }

  #note = (event) => { this.#changed.push(event.target) }

  #ask = (event) => { this.#known.set(event.detail.ctx, this.#changed.length) }

  #weigh = (event) => {
    const { ctx } = event.detail
    const since = this.#changed.slice(this.#known.get(ctx) ?? this.#changed.length)
    if (ctx.response?.raw?.headers.has("hx-redirect")) return
    if (!since.some((field) => field.isConnected && ctx.target?.contains(field))) return
    event.preventDefault()
    setTimeout(() => askAgain(ctx.sourceElement))
  }
})

function askAgain(source) {
  if (source.matches("button")) source.click()
  else if (source.matches("form")) source.requestSubmit()
  else window.htmx.trigger(source, "change")
}
