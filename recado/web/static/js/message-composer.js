// <message-composer> around the reply form: Enter sends, Shift+Enter makes a new line; after a reply the
// draft is gone, until then it survives a reload (one per `key`).
customElements.define("message-composer", class extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea")
    this.area.value ||= sessionStorage.getItem(this.#key) ?? ""
    this.area.addEventListener("keydown", this.#press)
    this.area.addEventListener("input", this.#keep)
    this.addEventListener("submit", this.#clear)
  }

  disconnectedCallback() {
    this.area.removeEventListener("keydown", this.#press)
    this.area.removeEventListener("input", this.#keep)
    this.removeEventListener("submit", this.#clear)
  }

  get #key() { return `draft ${this.getAttribute("key")}` }
  #keep = () => sessionStorage.setItem(this.#key, this.area.value)
  #clear = () => sessionStorage.removeItem(this.#key)

  #press = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    const { form, value } = this.area
    if (form.classList.contains("htmx-request")) return // it is on its way
    if (value.trim() || form.elements.attachments?.files.length) form.requestSubmit()
  }
})
