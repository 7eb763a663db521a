// <switch-form> around a form sends it as soon as a control in it changes; the styles hide its submit
// button ([data-without-script]) once this element is defined. ignore="q" leaves out the controls of that name.
customElements.define("switch-form", class extends HTMLElement {
  connectedCallback() { this.addEventListener("change", this.#send) }

  disconnectedCallback() { this.removeEventListener("change", this.#send) }

  #send = (event) => {
    if (event.target.name && event.target.name === this.getAttribute("ignore")) return
    this.querySelector("form").requestSubmit()
  }
})
