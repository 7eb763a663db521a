// <toast-region role="status">: shows what the server says in `HX-Trigger: {"toast": {"text", "kind"}}`, and
// whatever stands in it when the page opens. Each goes after six seconds, one that can undo after twelve, not while
// pointed at or focused; and once its undo is done.
import { text } from "texts"

customElements.define("toast-region", class extends HTMLElement {
  connectedCallback() {
    document.addEventListener("toast", this.#hear)
    document.addEventListener("htmx:error", this.#fail)
    this.addEventListener("click", this.#close)
    this.addEventListener("htmx:after:swap", this.#end)
    this.watch = new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(this.#keepTime)))
    this.watch.observe(this, { childList: true })
    this.querySelectorAll(".toast").forEach(this.#keepTime)
  }

  disconnectedCallback() {
    document.removeEventListener("toast", this.#hear)
    document.removeEventListener("htmx:error", this.#fail)
    this.removeEventListener("click", this.#close)
    this.removeEventListener("htmx:after:swap", this.#end)
    this.watch.disconnect()
  }

  show(message, kind = "success") {
    const toast = Object.assign(document.createElement("div"), { className: `toast ${kind}` })
    const words = Object.assign(document.createElement("span"), { className: "toast-text", textContent: message })
    const close = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small icon-only", textContent: "×" })
    close.setAttribute("aria-label", text("close"))
    toast.append(words, close)
    this.append(toast)
  }

  #hear = ({ detail }) => this.show(detail.text ?? detail.value, detail.kind)
  #fail = ({ detail }) => {
    if (detail?.ctx?.response || detail?.error?.name === "AbortError") return
    this.show(text("no_connection"), "danger")
  }
  #close = (event) => event.target.closest("button[type=button]")?.closest(".toast")?.remove()
  #end = (event) => event.target.closest(".toast form")?.closest(".toast").remove()

  #keepTime = (toast) => {
    if (!toast.classList?.contains("toast")) return
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove())
    setTimeout(leave, toast.matches(".danger, :has(form)") ? 12000 : 6000)
  }
})
