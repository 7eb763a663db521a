// <composer-picker conversation="12" label="…"> around a <textarea>: a "/" at the beginning of a word opens the canned
// responses, filled in for this conversation, and the macros; "{{" what is known of the contact and the conversation; in a
// private note an "@" opens the people and teams that can be mentioned. Up, down, Enter or Tab take, Esc closes; or the mouse.
const macroOffers = () => import("macro_offers") // when somebody asks for them
const OPEN = /(?:^|\s)([/@])([^\s/@]*)$|(\{\{)([^{}\n]{0,60})$/
const PLACES = { "@": "mentions", "{{": "values" }
const WAIT = 120 // milliseconds without typing before the server is asked

customElements.define("composer-picker", class extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea")
    this.list = Object.assign(document.createElement("ul"), { className: "picker from-below", id: "composer-offers", hidden: true })
    this.list.setAttribute("role", "listbox")
    this.list.setAttribute("aria-label", this.getAttribute("label"))
    this.append(this.list)
    this.#listen("addEventListener")
  }

  disconnectedCallback() {
    clearTimeout(this.wait)
    this.#listen("removeEventListener")
    this.list.remove()
  }

  #listen(how) {
    this.area[how]("input", this.#look)
    this.area[how]("blur", this.#close)
    this[how]("keydown", this.#press, true) // before the composer, for which Enter sends
    this.list[how]("mousedown", this.#pick)
  }

  get #options() { return [...this.list.querySelectorAll("[data-content], [data-macro]")] }

  #look = () => {
    clearTimeout(this.wait)
    const [sign, typed] = OPEN.exec(this.area.value.slice(0, this.area.selectionStart))?.slice(1).filter((one) => one !== undefined) ?? []
    const isOffered = sign === "/" || sign === "{{" || (sign === "@" && this.area.form.elements.kind.value === "note")
    this.open = isOffered ? { sign, typed } : null
    if (!this.open) return this.#close()
    this.wait = setTimeout(this.#ask, WAIT)
  }

  #address({ sign, typed }) {
    const number = this.getAttribute("conversation")
    const query = new URLSearchParams({ q: typed, ...(sign === "/" && { conversation: number }) })
    return `${sign === "/" ? "/app/canned/offers" : `/app/conversations/${number}/${PLACES[sign]}`}?${query}`
  }

  #ask = async () => {
    const { open } = this
    const answer = await fetch(this.#address(open), { headers: { "hx-request": "true" } }).catch(() => null)
    if (!answer?.ok || this.open !== open || !this.isConnected) return
    this.list.innerHTML = await answer.text() // our own fragment, escaped there
    if (open.sign === "/") this.#addMacros((await macroOffers()).macroOptions(open.typed))
    if (this.open !== open) return
    this.list.hidden = false
    this.area.setAttribute("aria-controls", this.list.id)
    this.#choose(0)
  }

  #addMacros(options) {
    if (options.length) this.list.querySelector(".picker-empty")?.remove()
    this.list.append(...options)
  }

  #choose(index) {
    const options = this.#options
    this.chosen = (index + options.length) % (options.length || 1)
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.chosen)))
    options[this.chosen]?.scrollIntoView({ block: "nearest" })
    if (options.length) this.area.setAttribute("aria-activedescendant", options[this.chosen].id)
  }

  #press = (event) => {
    if (this.list.hidden || event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const option = this.#options[this.chosen]
    if (step) this.#choose(this.chosen + step)
    else if (option && ["Enter", "Tab"].includes(event.key) && !event.shiftKey) this.#take(option)
    else if (event.key === "Escape") this.#close()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #pick = (event) => {
    event.preventDefault()
    const option = event.target.closest("[data-content], [data-macro]")
    if (option) this.#take(option)
  }

  #take(option) {
    const { macro, asks, content } = option.dataset
    if (macro && asks === undefined) return this.#askWhether(option)
    const cursor = this.area.selectionStart
    this.area.setRangeText(content ?? "", cursor - this.open.typed.length - this.open.sign.length, cursor, "end")
    this.#close()
    this.area.dispatchEvent(new Event("input", { bubbles: true }))
    if (macro) macroOffers().then(({ runMacro }) => runMacro(option))
  }

  async #askWhether(option) {
    const { askingOption } = await macroOffers()
    this.list.replaceChildren(askingOption(option))
    this.#choose(0)
  }

  #close = () => {
    clearTimeout(this.wait)
    this.open = null
    this.list.hidden = true
    this.area.removeAttribute("aria-activedescendant")
  }
})
