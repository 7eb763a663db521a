// <switch-form> around a form sends it as soon as a control in it changes; its submit button is only for
// people without scripts. ignore="q" leaves out the controls of that name.
customElements.define("switch-form", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this.#send)
    this.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true })
  }

  disconnectedCallback() { this.removeEventListener("change", this.#send) }

  #send = (event) => {
    if (event.target.name && event.target.name === this.getAttribute("ignore")) return
    this.querySelector("form").requestSubmit()
  }
})
