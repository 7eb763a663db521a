// <confirm-name expected="CRM"> wakes its submit button when the name is typed; the server checks again.
customElements.define("confirm-name", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this.#check)
    this.#check()
  }

  disconnectedCallback() { this.removeEventListener("input", this.#check) }

  #check = () => {
    const typed = this.querySelector("input:not([type=hidden])").value.trim()
    this.querySelector("button[type=submit]").disabled = typed !== this.getAttribute("expected").trim()
  }
})
