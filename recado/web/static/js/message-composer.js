// <message-composer key="3@1 /app/conversations/12/messages"> around the reply form: Enter sends, Shift+Enter makes
// a new line. What is typed waits in this browser, with its kind, until it is sent or a week is over.
import { draftAt } from "form_typing"

const WEEK = 7 * 24 * 3600 * 1000 // milliseconds

customElements.define("message-composer", class extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea")
    forgetOld()
    if (this.area.value) this.#keep() // it came back refused
    else this.#restore()
    this.#listen("addEventListener")
  }

  disconnectedCallback() { this.#listen("removeEventListener") }

  #listen(how) {
    this.area[how]("keydown", this.#press)
    this[how]("input", this.#keep)
    this[how]("submit", this.#clear)
    this[how]("htmx:error", this.#keep) // it was not sent
  }

  get #key() { return `form ${this.getAttribute("key")}` } // of those that go when somebody signs out

  #restore() {
    const draft = draftAt(this.#key, WEEK)
    if (!draft) return
    this.area.value = draft.typed
    this.area.form.elements.kind.value = draft.kind
  }

  #keep = () => {
    const { value: typed, form } = this.area
    if (!typed.trim()) return this.#clear()
    const kept = { at: new Date().toISOString(), typed, kind: form.elements.kind.value }
    try { localStorage.setItem(this.#key, JSON.stringify(kept)) } catch { /* the browser's store is full or closed */ }
  }

  #clear = () => localStorage.removeItem(this.#key)

  #press = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    const { form, value } = this.area
    if (form.classList.contains("htmx-request")) return // it is on its way
    if (value.trim() || form.elements.attachments?.files.length) form.requestSubmit()
  }
})

/** Messages that nobody sent within a week go, of conversations that nobody opens again too. */
function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (/^form .*\/messages$/.test(key) && !draftAt(key, WEEK)) localStorage.removeItem(key)
  }
}
