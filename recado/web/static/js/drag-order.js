// <drag-order> holds rows, each with a [data-drag] handle and a form [data-move] whose field "place" takes a
// place counted from 1; its attribute "first" is the place of the first row here. Dragging a handle onto another
// row sends that form. The buttons that move a row by one place do without this.
customElements.define("drag-order", class extends HTMLElement {
  connectedCallback() {
    for (const [name, hear] of this.#heard) this.addEventListener(name, hear)
    this.querySelectorAll("[data-drag]").forEach((handle) => { handle.hidden = false })
  }

  disconnectedCallback() { for (const [name, hear] of this.#heard) this.removeEventListener(name, hear) }

  get #rows() { return [...this.children].filter((row) => row.querySelector("[data-move]")) }

  #start = (event) => {
    this.moved = event.target.closest?.("[data-drag]")?.closest("drag-order > *")
    if (!this.moved) return
    event.dataTransfer.effectAllowed = "move"
    event.dataTransfer.setDragImage(this.moved, 0, 0)
  }

  #over = (event) => {
    const row = this.moved && event.target.closest("drag-order > *")
    if (!row) return
    event.preventDefault()
    if (row === this.moved) return
    const rows = this.#rows
    rows.indexOf(row) > rows.indexOf(this.moved) ? row.after(this.moved) : row.before(this.moved)
  }

  #drop = (event) => {
    if (!this.moved) return
    event.preventDefault()
    const form = this.moved.querySelector("[data-move]")
    form.elements.place.value = this.#rows.indexOf(this.moved) + Number(this.getAttribute("first") ?? 1)
    this.moved = null
    form.requestSubmit()
  }

  #heard = [["dragstart", this.#start], ["dragover", this.#over], ["drop", this.#drop]]
})
