// <repeat-rows name="conditions"> holds rows ([data-row]) inside [data-rows], a <template> for a new
// one, a [data-add] button, and a [data-remove] button in each row. Names read conditions-0-key: the
// number is put right after every change; ids, for= and aria-describedby= follow. [data-up], [data-down]
// move a row. A row's .between is hidden in the first row by CSS or the page.
export class RepeatRows extends HTMLElement {
  connectedCallback() { this.addEventListener("click", this.#press) }
  disconnectedCallback() { this.removeEventListener("click", this.#press) }

  get place() { return this.querySelector("[data-rows]") }
  get rows() { return [...this.place.children].filter((row) => row.matches("[data-row]")) }

  addRow() {
    this.place.append(this.querySelector(":scope > template").content.cloneNode(true))
    this.reindex()
    const row = this.rows.at(-1)
    window.htmx?.process(row)
    return row
  }

  removeRow(row) {
    const next = row.nextElementSibling ?? row.previousElementSibling
    row.remove()
    this.reindex()
    focusIn(next) ?? this.querySelector("[data-add]")?.focus()
  }

  reindex() {
    this.rows.forEach((row, index) => renumber(row, this.getAttribute("name"), index))
    this.dispatchEvent(new CustomEvent("recado:rows", { bubbles: true, detail: { count: this.rows.length } }))
  }

  #press = (event) => {
    const button = event.target.closest("[data-add], [data-remove], [data-up], [data-down]")
    if (!button || button.closest("repeat-rows, header-pairs") !== this) return
    const row = button.closest("[data-row]")
    if (button.matches("[data-add]")) focusIn(this.addRow())
    else if (button.matches("[data-remove]")) this.removeRow(row)
    else this.#move(row, button)
  }

  #move(row, button) {
    if (button.matches("[data-up]")) row.previousElementSibling?.before(row)
    else row.nextElementSibling?.after(row)
    this.reindex()
    button.focus()
  }
}

function focusIn(row) {
  const field = row?.querySelector("input:not([type=hidden]), select, textarea, button")
  field?.focus()
  return field
}

const NUMBERED = ["name", "id", "for", "aria-describedby", "aria-labelledby", "aria-controls", "hx-target", "list"]

/** Rewrites `conditions-7-key` (and `conditions-__-key` of the template) to the row's own number. */
function renumber(row, name, index) {
  const old = new RegExp(`\\b${name}-(?:\\d+|__)(?=-|\\b)`, "g")
  for (const part of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of NUMBERED) {
      const value = part.getAttribute(attribute)
      if (value?.includes(`${name}-`)) part.setAttribute(attribute, value.replace(old, `${name}-${index}`))
    }
  }
}

customElements.define("repeat-rows", RepeatRows)
