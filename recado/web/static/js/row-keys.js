// <row-keys rows="#log a.cover"> has buttons with data-key and a value, 1 or -1: pressed, they move the focus
// that many rows on; Enter then follows the row's link. Rows have ids: a refreshed list is gone on with.
let last = "" // the id of the row that had the focus

customElements.define("row-keys", class extends HTMLElement {
  connectedCallback() { this.addEventListener("click", this.#move) }
  disconnectedCallback() { this.removeEventListener("click", this.#move) }

  #move = (event) => {
    const button = event.target.closest("button")
    if (!button) return
    const rows = [...document.querySelectorAll(this.getAttribute("rows"))]
    const now = rows.findIndex((one) => one === document.activeElement || one.id === last)
    const row = rows[now < 0 ? 0 : Math.min(Math.max(now + Number(button.value), 0), rows.length - 1)]
    if (!row) return
    last = row.id
    row.focus()
    row.scrollIntoView({ block: "nearest" })
  }
})
