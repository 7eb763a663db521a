// <variable-input> around an <input> or <textarea>: typing `{{` opens the list of variables, as in the editor.
// So does Ctrl+Space. A combobox: up, down, Enter or Tab take, Esc closes; or the mouse.
import { drawButton, drawNothing, drawOption } from "picker_parts"
import { text } from "texts"
import { filledPlace, matching, openPlace, readVariables } from "variables"

let count = 0

customElements.define("variable-input", class extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input, textarea")
    if (!this.input || this.list || this.input.type === "password") return
    this.list = Object.assign(document.createElement("ul"), { className: "picker", id: `picker-${++count}`, hidden: true })
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-label", text("variables"))
    this.button = drawButton()
    this.append(this.button, this.list)
    this.#dress()
    this.#listen("addEventListener")
  }

  // On every focus too: after a swap, htmx puts back the attributes that the server sent.
  #dress = () => {
    const box = this.#isLine ? { role: "combobox", spellcheck: "false", "aria-expanded": String(!this.list.hidden) } : {}
    for (const [name, value] of Object.entries({
      ...box, autocomplete: "off", "aria-autocomplete": "list", "aria-controls": this.list.id,
    })) this.input.setAttribute(name, value)
  }

  disconnectedCallback() {
    if (!this.list) return
    this.#listen("removeEventListener")
    this.list.remove()
    this.button.remove()
    this.list = null
  }

  get #isLine() { return this.input.matches("input") } // a text of many lines cannot be a combobox

  #tell(isOpen) {
    this.list.hidden = !isOpen
    if (this.#isLine) this.input.setAttribute("aria-expanded", String(isOpen))
  }

  #listen(how) {
    this.input[how]("input", this.#look)
    this.input[how]("click", this.#look)
    this.input[how]("focus", this.#dress)
    this.input[how]("keydown", this.#press)
    this.input[how]("blur", this.#close)
    this.list[how]("mousedown", this.#pick)
    this.button[how]("mousedown", this.#insert)
    this.button[how]("click", this.#insert)
  }

  #look = () => {
    const cursor = this.input.selectionStart
    const open = openPlace(this.input.value.slice(0, cursor))
    if (!open) return this.#close()
    this.from = open.from
    this.found = matching(open.query, readVariables(this.getAttribute("variables") ?? undefined))
    this.list.replaceChildren(...(this.found.length ? this.found.map((one, at) => drawOption(one, `${this.list.id}-${at}`)) : [drawNothing()]))
    this.#tell(true)
    this.#dress()
    this.list.classList.toggle("from-end", this.getBoundingClientRect().left > innerWidth / 2)
    this.#choose(0)
  }

  #choose(index) {
    this.chosen = index
    const options = [...this.list.querySelectorAll(".picker-option")]
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)))
    options[index]?.scrollIntoView({ block: "nearest" })
    if (options[index]) this.input.setAttribute("aria-activedescendant", options[index].id)
    else this.input.removeAttribute("aria-activedescendant")
  }

  #press = (event) => {
    if (event.ctrlKey && event.code === "Space") return this.list.hidden && this.#insert(event)
    if (this.list.hidden) return
    const steps = { ArrowDown: 1, ArrowUp: -1 }
    if (event.key in steps && this.found.length) {
      this.#choose((this.chosen + steps[event.key] + this.found.length) % this.found.length)
    } else if (["Enter", "Tab"].includes(event.key) && this.found.length && !event.shiftKey) this.#take(this.found[this.chosen])
    else if (event.key === "Escape") this.#close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #pick = (event) => {
    event.preventDefault()
    const option = event.target.closest(".picker-option")
    if (option) this.#take(this.found[[...this.list.children].indexOf(option)])
  }

  #take(variable) {
    const cursor = this.input.selectionStart
    const after = this.input.value.slice(cursor)
    const insert = filledPlace(variable.name, after)
    this.input.setRangeText(insert, this.from, cursor, "end")
    if (insert === variable.name) this.input.selectionStart = this.input.selectionEnd = this.input.selectionStart + after.indexOf("}}") + 2
    this.input.dispatchEvent(new Event("input", { bubbles: true }))
    this.#close()
  }

  #insert = (event) => {
    event.preventDefault()
    if (event.type === "mousedown") return
    this.input.focus()
    this.input.setRangeText("{{", this.input.selectionStart, this.input.selectionEnd, "end")
    this.input.dispatchEvent(new Event("input", { bubbles: true }))
  }

  #close = () => {
    this.#tell(false)
    this.input.removeAttribute("aria-activedescendant")
  }
})
