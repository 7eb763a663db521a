// <seen-elsewhere who="3@1"> opens the dialog with which the server answers a page of another account, or of somebody
// else, than is signed in now (409). The page asks when it does anything, and when another tab opens as somebody else.
const LAST = "recado:who"

customElements.define("seen-elsewhere", class extends HTMLElement {
  connectedCallback() {
    try { localStorage.setItem(LAST, this.getAttribute("who")) } catch { /* the browser's store is full or closed */ }
    addEventListener("storage", this.#ask)
    document.addEventListener("htmx:after:request", this.#hear)
  }

  disconnectedCallback() {
    removeEventListener("storage", this.#ask)
    document.removeEventListener("htmx:after:request", this.#hear)
  }

  #ask = ({ key, newValue }) => {
    if (key !== LAST || newValue === this.getAttribute("who")) return
    window.htmx.ajax("GET", "/app/notifications/count", { source: this, target: this, swap: "none" })
  }

  #hear = ({ detail: { ctx } }) => {
    if (!ctx.response?.raw.headers.has("recado-elsewhere") || this.querySelector("dialog[open]")) return
    this.innerHTML = ctx.text
    this.querySelector("dialog").showModal()
  }
})
