// The list that <pick-one> opens under its field: the options of a <select> that fit what is typed, one of them marked.
import { drawChoice, drawNothing } from "picker_parts"
import { plain } from "texts"

const BAR = 72 // pixels that the menu takes below on a phone

let count = 0

export class ChoiceList {
  constructor(field) {
    this.field = field
    this.element = Object.assign(document.createElement("ul"), { className: "picker", id: `choices-${++count}`, hidden: true })
    this.element.setAttribute("role", "listbox")
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.element.id }
    for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value)
  }

  get isOpen() { return !this.element.hidden }
  get marked() { return this.found[this.at] }

  /** Opens with the options that fit (`all` do); the chosen one is marked, or the first that what is typed leads to. */
  show(options, typed, all = false) {
    const words = plain(typed).split(/\s+/)
    this.found = [...options].filter((one) => all || words.every((word) => plain(`${one.label} ${one.dataset.detail ?? ""}`).includes(word)))
    const rows = this.found.map((one, at) => drawChoice(one, `${this.element.id}-${at}`))
    this.element.replaceChildren(...(rows.length ? rows : [drawNothing("nothing_found")]))
    this.#tell(true)
    const room = innerHeight - BAR - this.field.getBoundingClientRect().bottom
    this.element.classList.toggle("from-below", room < this.element.offsetHeight)
    this.#mark(this.found.findIndex((one) => (typed ? !one.disabled && one.value : one.selected)))
  }

  close() {
    this.#tell(false)
    this.field.removeAttribute("aria-activedescendant")
  }

  /** One up or down, around the ends. */
  walk(step) { this.#mark((this.at + step + this.found.length) % (this.found.length || 1)) }

  /** The option whose row holds `place`. */
  optionAt(place) { return this.found[[...this.element.children].indexOf(place.closest(".picker-option"))] }

  #tell(isOpen) {
    this.element.hidden = !isOpen
    this.field.setAttribute("aria-expanded", String(isOpen))
  }

  #mark(at) {
    this.at = Math.max(at, 0)
    if (!this.found.length) return this.field.removeAttribute("aria-activedescendant")
    const rows = [...this.element.children]
    rows.forEach((row, number) => row.setAttribute("aria-selected", String(number === this.at)))
    rows[this.at].scrollIntoView({ block: "nearest" })
    this.field.setAttribute("aria-activedescendant", rows[this.at].id)
  }
}
