// <browser-permission> around one <p data-when="default | granted | denied"> for each answer of the browser; a button
// in it asks. Without a word from us nobody is asked.
customElements.define("browser-permission", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#ask)
    this.#draw()
  }

  disconnectedCallback() { this.removeEventListener("click", this.#ask) }

  #ask = async ({ target }) => {
    if (!target.closest("button")) return
    await Notification.requestPermission()
    this.#draw()
  }

  #draw() {
    const answer = globalThis.Notification?.permission ?? "denied"
    for (const part of this.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== answer
  }
})
