// <curl-offer> around the URL: a cURL command pasted there is not pasted, but offered to fill the form in
// ([data-fill] names who reads it, [data-close] declines). What is typed besides stays.
import { askFor } from "form_typing"

customElements.define("curl-offer", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("paste", this.#look)
    this.addEventListener("click", this.#press)
  }

  disconnectedCallback() {
    this.removeEventListener("paste", this.#look)
    this.removeEventListener("click", this.#press)
  }

  get #notice() { return this.querySelector(":scope > .notice") }

  #look = (event) => {
    const pasted = event.clipboardData.getData("text")
    if (!/^\s*\$?\s*curl(\.exe)?\s/i.test(pasted)) return
    event.preventDefault()
    this.command = pasted
    this.#notice.hidden = false
    this.querySelector("[data-fill]").focus()
  }

  #press = ({ target }) => {
    const fill = target.closest("[data-fill]")
    if (!fill && !target.closest("[data-close]")) return
    this.#notice.hidden = true
    const form = this.closest("form")
    if (fill) askFor(fill.dataset.fill, form.id, [...new FormData(form), ["curl", this.command]].filter(([name]) => name !== "_csrf_token"))
    else this.querySelector("input").focus()
  }
})
