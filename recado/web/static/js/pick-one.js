// <pick-one> around a <select>: the same choice with a search, for a list that is long or says more than names.
// The select stays what is sent; without scripts it is all there is. few="8": with no more options than that it is
// left alone. asks="/app/…": what the server finds (?q=) takes the place of the options. An <option> may have data-detail (a second line), and a disabled one data-why. A combobox: typing
// narrows, up and down walk, Enter or Tab take, Esc goes back; or the mouse.
import { ChoiceAsking } from "choice_asking"
import { ChoiceList } from "choice_list"
import { standFor } from "picker_parts"
import { text } from "texts"

customElements.define("pick-one", class extends HTMLElement {
  connectedCallback() {
    this.watch = new MutationObserver(this.#dress)
    this.#listen("addEventListener")
    this.#dress()
  }

  disconnectedCallback() {
    this.watch.disconnect()
    this.#listen("removeEventListener")
  }

  #listen(how) {
    const ears = { input: this.#type, change: this.#hear, click: this.#click, mousedown: this.#press, keydown: this.#key, focusin: this.#enter, focusout: this.#leave }
    for (const [name, ear] of Object.entries(ears)) this[how](name, ear)
  }

  // Also after a swap, which puts back what the server sent.
  #dress = () => {
    this.watch.disconnect()
    this.select = this.querySelector("select")
    if (this.select.length > Number(this.getAttribute("few") ?? 0)) this.#replace()
    this.watch.observe(this, { childList: true })
    this.watch.observe(this.select, { attributes: true, childList: true })
  }

  #replace() {
    const { select } = this
    this.field ??= Object.assign(document.createElement("input"), { className: "input", type: "text", autocomplete: "off", spellcheck: false })
    this.list ??= new ChoiceList(this.field)
    if (this.hasAttribute("asks") && this.asking?.select !== select) this.asking = new ChoiceAsking(select, this.getAttribute("asks"))
    if (!this.field.isConnected) this.append(this.field, this.list.element)
    standFor(select, this.field, this.list.element)
    if (document.activeElement === select || this.isWithin) this.field.focus()
    if (!this.list.isOpen) this.#tell()
  }

  #tell() {
    const chosen = this.select.selectedOptions[0]
    this.field.value = chosen?.value ? chosen.label : ""
    this.field.placeholder = (chosen?.value ? "" : chosen?.label) || text("search")
  }

  #close() {
    this.asking?.stop()
    this.list.close()
    this.#tell()
  }

  #take(option) {
    if (!option || option.disabled) return
    const isNew = !option.selected
    option.selected = true
    this.#close()
    if (isNew) for (const name of ["input", "change"]) this.select.dispatchEvent(new Event(name, { bubbles: true }))
  }

  #type = (event) => {
    if (event.target !== this.field) return
    event.stopPropagation() // the form hears of a choice, not of a search
    const typed = this.field.value.trim()
    this.list.show(this.select.options, typed)
    this.asking?.ask(typed, (fitting) => this.list.isOpen && this.list.show(fitting, typed, true))
  }

  #hear = (event) => {
    if (event.target === this.field) event.stopPropagation()
    else if (this.field) this.#tell() // chosen by a script
  }

  #click = (event) => event.target === this.field && !this.list.isOpen && this.list.show(this.select.options, "")

  #press = (event) => {
    if (!this.list?.element.contains(event.target)) return
    event.preventDefault()
    this.#take(this.list.optionAt(event.target))
  }

  #key = (event) => {
    if (event.target !== this.field || event.isComposing || event.ctrlKey || event.metaKey) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const { isOpen } = this.list
    if (event.key === "Tab") return isOpen && this.#take(this.list.marked)
    if (!isOpen && (step || event.key === "Enter")) this.list.show(this.select.options, "")
    else if (step) this.list.walk(step)
    else if (event.key === "Enter") this.#take(this.list.marked)
    else if (event.key === "Escape" && isOpen) this.#close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #enter = (event) => {
    this.isWithin = Boolean(this.field)
    if (event.target === this.select && this.field) this.field.focus()
    else if (event.target === this.field) this.field.select()
  }

  // A swap takes the field away and #dress puts it back, before the wait is over.
  #leave = () => {
    setTimeout(() => { this.isWithin = this.contains(document.activeElement) })
    if (this.field) this.#close()
  }
})
