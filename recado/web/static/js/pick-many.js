// <pick-many empty="Choose…"> around <details> with checkboxes: several out of a list, as small as a select.
// The summary says what is chosen; up and down walk, Esc or a click elsewhere closes, [data-search] filters.
import { plain } from "texts"

customElements.define("pick-many", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", this.#show)
    this.addEventListener("input", this.#filter)
    this.addEventListener("keydown", this.#press)
    this.addEventListener("focusout", this.#leave)
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#show)
    this.removeEventListener("input", this.#filter)
    this.removeEventListener("keydown", this.#press)
    this.removeEventListener("focusout", this.#leave)
  }

  get details() { return this.querySelector("details") }
  get summary() { return this.querySelector("summary") }
  get stops() { return [this.summary, ...this.querySelectorAll("input")].filter((one) => !one.closest("label[hidden]")) }

  #show = (event) => {
    if (event.target.matches("[data-search]")) return event.stopPropagation()
    const chosen = [...this.querySelectorAll("input:checked")].map((one) => one.closest("label").textContent.trim())
    this.querySelector("[data-chosen]").textContent = chosen.join(", ") || this.getAttribute("empty")
  }

  #filter = (event) => {
    if (!event.target.matches("[data-search]")) return
    const wanted = plain(event.target.value)
    for (const label of this.querySelectorAll("label")) label.hidden = !plain(label.textContent).includes(wanted)
  }

  #press = (event) => {
    if (event.key === "Escape" && this.details.open) {
      this.details.open = false
      this.summary.focus()
    } else if (event.key === "Enter" && event.target.matches("input[type=checkbox]")) event.target.click()
    else if (event.key === "Enter" && event.target.matches("[data-search]")) this.stops.at(2)?.click()
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#walk(event.key === "ArrowDown" ? 1 : -1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  #walk(step) {
    this.details.open = true
    const stops = this.stops
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length]?.focus()
  }

  // Pressing a label moves the focus nowhere for a moment, hence the wait.
  #leave = () => setTimeout(() => {
    if (document.activeElement !== document.body && !this.contains(document.activeElement)) this.details.open = false
  }, 150)
})
