// <copy-button target="response-body"><button>…</button></copy-button> copies that element's text, or its
// own `value`, and says so for a moment.
import { text } from "texts"

customElements.define("copy-button", class extends HTMLElement {
  connectedCallback() { this.addEventListener("click", this.#copy) }

  disconnectedCallback() {
    this.removeEventListener("click", this.#copy)
    clearTimeout(this.wait)
  }

  #copy = async (event) => {
    const button = event.target.closest("button")
    if (!button) return
    const source = document.getElementById(this.getAttribute("target"))
    await navigator.clipboard.writeText(this.getAttribute("value") ?? source?.value ?? source?.textContent ?? "")
    this.dataset.copied = text("copied")
    document.querySelector("toast-region")?.show(text("copied"))
    this.wait = setTimeout(() => delete this.dataset.copied, 1500)
  }
})
