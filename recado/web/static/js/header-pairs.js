// <header-pairs name="headers">: <repeat-rows> for HTTP headers. Lines of "Name: value" pasted into a
// name become pairs of their own, and a secret pair hides its value while it is typed.
import { RepeatRows } from "repeat-rows"

customElements.define("header-pairs", class extends RepeatRows {
  connectedCallback() {
    super.connectedCallback()
    this.addEventListener("paste", this.#paste)
    this.addEventListener("change", this.#hide)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.removeEventListener("paste", this.#paste)
    this.removeEventListener("change", this.#hide)
  }

  #paste = (event) => {
    const lines = event.clipboardData.getData("text").split("\n").filter((line) => line.trim())
    const pairs = lines.map((line) => /^\s*([\w-]+)\s*:\s*(.*?)\s*$/.exec(line))
    if (!event.target.matches("[data-name]") || !pairs.length || pairs.includes(null)) return
    event.preventDefault()
    let row = event.target.closest("[data-row]")
    for (const [, name, value] of pairs) {
      row ??= this.addRow()
      row.querySelector("[data-name]").value = name
      row.querySelector("[data-value]").value = value
      row = null
    }
  }

  #hide = (event) => {
    if (!event.target.matches("[data-secret]")) return
    const value = event.target.closest("[data-row]").querySelector("[data-value]")
    value.type = event.target.checked ? "password" : "text"
    value.autocomplete = event.target.checked ? "new-password" : "off" // no manager of passwords fills it in
  }
})
