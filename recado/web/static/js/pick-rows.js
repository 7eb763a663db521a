// <pick-rows> around rows that each have a checkbox named "ids", or as its attribute `of` says: shift ticks a stretch,
// [data-toggle] (a key) the row in focus, [data-all] the page, [data-none] nothing. What is ticked stays so when the
// list is redrawn; what has left the list counts no more.
let picked = new Set()
let last = "" // the row that was ticked last

customElements.define("pick-rows", class extends HTMLElement {
  connectedCallback() {
    for (const box of this.boxes) box.checked = picked.has(box.value)
    this.addEventListener("click", this.#click)
    this.addEventListener("change", this.#show)
    document.addEventListener("htmx:after:swap", this.#show)
    this.#show()
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:after:swap", this.#show)
    this.removeEventListener("click", this.#click)
    this.removeEventListener("change", this.#show)
  }

  get of() { return this.getAttribute("of") ?? "ids" }
  get boxes() { return [...this.querySelectorAll(`[name="${this.of}"]`)] }

  #click = (event) => {
    const { target } = event
    if (target.name === this.of) this.#tick(target, event.shiftKey)
    else if (target.closest("[data-toggle]")) this.#toggle()
    else if (target.closest("[data-all], [data-none]")) for (const box of this.boxes) box.checked = target.checked ?? false
    else return
    this.#show()
  }

  #tick(box, isStretch) {
    const boxes = this.boxes
    const [from, to] = [boxes.findIndex((one) => one.value === last), boxes.indexOf(box)].sort((a, b) => a - b)
    if (isStretch && from >= 0) for (const one of boxes.slice(from, to + 1)) one.checked = box.checked
    last = box.value
  }

  #toggle() {
    const box = document.activeElement.closest("tr")?.querySelector("[name=ids]")
    if (!box) return
    box.checked = !box.checked
    last = box.value
  }

  #show = () => {
    const chosen = this.boxes.filter((one) => one.checked)
    picked = new Set(chosen.map((one) => one.value))
    const count = this.querySelector("[data-count]")
    if (count.textContent !== `${chosen.length}`) count.textContent = chosen.length // written, it has all rows styled anew
    Object.assign(this.querySelector("[data-all]"), {
      checked: chosen.length === this.boxes.length,
      indeterminate: chosen.length > 0 && chosen.length < this.boxes.length,
    })
  }
})
