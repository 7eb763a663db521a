// <query-pairs of="field-url">: what stands after the "?" of that field as rows ([data-row] with [data-name],
// [data-value], [data-remove] in [data-rows], a <template>, [data-add]). Each side follows the other while one types.
import { readQuery, writeQuery } from "query_pairs"

customElements.define("query-pairs", class extends HTMLElement {
  connectedCallback() {
    this.url = document.getElementById(this.getAttribute("of"))
    this.place = this.querySelector("[data-rows]")
    this.url.addEventListener("input", this.#read)
    this.addEventListener("input", this.#write)
    this.addEventListener("click", this.#press)
    this.#read()
    this.querySelector("details").open = this.place.childElementCount > 0
  }

  disconnectedCallback() {
    this.url?.removeEventListener("input", this.#read)
  }

  #read = () => {
    if (this.isWriting) return
    this.parts = readQuery(this.url.value)
    this.place.replaceChildren(...this.parts.pairs.map((pair) => this.#row(pair)))
    this.#count()
  }

  #row({ name, value }) {
    const row = this.querySelector("template").content.cloneNode(true).firstElementChild
    row.querySelector("[data-name]").value = name
    row.querySelector("[data-value]").value = value
    return row
  }

  // Only the pair that is changed is spelled anew.
  #write = ({ target }) => {
    const row = target.closest("[data-row]")
    if (!row) return
    const [name, value] = ["name", "value"].map((part) => row.querySelector(`[data-${part}]`).value)
    this.parts.pairs[this.#place(row)] = { name, value }
    this.#tell()
  }

  #press = ({ target }) => {
    if (target.closest("[data-add]")) {
      this.parts.pairs.push({ name: "", value: "" })
      this.place.append(this.#row({ name: "", value: "" }))
      window.htmx?.process(this.place)
      return this.place.lastElementChild.querySelector("input").focus()
    }
    const row = target.closest("[data-remove]")?.closest("[data-row]")
    if (!row) return
    this.parts.pairs.splice(this.#place(row), 1)
    const next = row.nextElementSibling ?? row.previousElementSibling
    row.remove()
    this.#tell()
    ;(next?.querySelector("input") ?? this.querySelector("[data-add]")).focus()
  }

  #place(row) { return [...this.place.children].indexOf(row) }

  #tell() {
    this.isWriting = true
    this.url.value = writeQuery(this.parts)
    this.url.dispatchEvent(new Event("input", { bubbles: true }))
    this.isWriting = false
    this.#count()
  }

  #count() {
    const number = this.parts.pairs.length
    this.querySelector("[data-count]").textContent = number ? `(${number})` : ""
  }
})
