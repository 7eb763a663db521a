// <form-draft key="3@1 /app/actions/new"> in a form keeps in this browser what is typed into it and not saved
// yet, never a secret. The next page with the same key offers it again: [data-restore], [data-discard].
// redraw="/app/actions/draft" is asked for the form with it; without, the fields are filled in here. Whoever
// changed something is asked before the page is left ([data-leaves] is not); `changed`: it comes back refused.
import { askFor, draftAt, fillIn, typedIn } from "form_typing"

const CHANGES = ["input", "change", "recado:rows"]
const begun = new Set()  // keys that this page itself has written or decided about
const unsaved = new Set()  // keys whose forms hold what is not saved

customElements.define("form-draft", class extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form")
    for (const name of CHANGES) this.form.addEventListener(name, this.#keepSoon)
    this.form.addEventListener("htmx:after:request", this.#hear)
    this.form.addEventListener("click", this.#press)
    addEventListener("pagehide", this.#keep)
    addEventListener("beforeunload", this.#ask)
    if (this.hasAttribute("changed")) unsaved.add(this.key)
    if (begun.has(this.key)) this.#keepSoon()  // the form was drawn anew under way
    else this.#offer()
  }

  disconnectedCallback() {
    for (const name of CHANGES) this.form.removeEventListener(name, this.#keepSoon)
    this.form.removeEventListener("htmx:after:request", this.#hear)
    this.form.removeEventListener("click", this.#press)
    removeEventListener("pagehide", this.#keep)
    removeEventListener("beforeunload", this.#ask)
    clearTimeout(this.soon)
  }

  get key() { return `form ${this.getAttribute("key")}` }

  #keepSoon = () => {
    begun.add(this.key)
    unsaved.add(this.key)
    clearTimeout(this.soon)
    this.soon = setTimeout(this.#keep, 250)
    this.isWaiting = true
  }

  #keep = () => {
    if (!this.isWaiting) return
    this.isWaiting = false
    const kept = JSON.stringify({ at: new Date().toISOString(), typed: typedIn(this.form) })
    try { localStorage.setItem(this.key, kept) } catch { /* the browser's store is full or closed */ }
  }

  #offer() {
    this.draft = draftAt(this.key)
    if (!this.draft) return
    if (JSON.stringify(this.draft.typed) === JSON.stringify(typedIn(this.form))) return this.#forget()
    const when = document.createElement("relative-time")
    when.append(Object.assign(document.createElement("time"), { dateTime: this.draft.at }))
    this.querySelector("[data-when]").replaceChildren(when)
    this.firstElementChild.hidden = false
  }

  #press = ({ target }) => {
    if (target.closest("[data-restore]")) this.#restore()
    else if (target.closest("[data-discard]")) this.#forget()
    else return target.closest("[data-leaves]") && unsaved.delete(this.key)
    begun.add(this.key)
    this.firstElementChild.hidden = true
  }

  #restore() {
    if (this.hasAttribute("redraw")) askFor(this.getAttribute("redraw"), this.form.id, this.draft.typed)
    else fillIn(this.form, this.draft.typed)
    unsaved.add(this.key)
  }

  #hear = ({ detail: { ctx } }) => {
    const answer = ctx.response.raw
    if (answer.ok && answer.headers.has("hx-redirect")) this.#forget()  // it is saved
  }

  #ask = (event) => unsaved.has(this.key) && event.preventDefault()

  #forget() {
    clearTimeout(this.soon)
    this.isWaiting = false
    unsaved.delete(this.key)
    localStorage.removeItem(this.key)
  }
})

// Whoever signs out takes what was typed along: another person may sit here next.
document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("action") !== "/app/sign-out") return
  for (const key of Object.keys(localStorage)) if (key.startsWith("form ")) localStorage.removeItem(key)
})
