// <unsaved-guard> inside a form: whoever changed something is asked before the page is left. A form
// that comes back refused carries the attribute `changed`: what was typed is not saved yet.
customElements.define("unsaved-guard", class extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form")
    this.isChanged = this.hasAttribute("changed")
    this.form.addEventListener("input", this.#change)
    this.form.addEventListener("submit", this.#save)
    window.addEventListener("beforeunload", this.#ask)
  }

  disconnectedCallback() {
    this.form.removeEventListener("input", this.#change)
    this.form.removeEventListener("submit", this.#save)
    window.removeEventListener("beforeunload", this.#ask)
  }

  #change = () => { this.isChanged = true }
  #save = () => { this.isChanged = false }
  #ask = (event) => this.isChanged && event.preventDefault()
})
