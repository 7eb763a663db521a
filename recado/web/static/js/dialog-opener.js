// <dialog-opener target="delete-7"> around a button or link opens that <dialog> as a modal; without
// scripts a link inside still leads to the page that asks the same.
customElements.define("dialog-opener", class extends HTMLElement {
  connectedCallback() { this.addEventListener("click", this.#open) }
  disconnectedCallback() { this.removeEventListener("click", this.#open) }

  #open = (event) => {
    const dialog = document.getElementById(this.getAttribute("target"))
    if (!dialog || event.metaKey || event.ctrlKey) return
    event.preventDefault()
    dialog.showModal()
  }
})
