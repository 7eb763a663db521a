// <message-composer key="3@1 /app/conversations/12/messages"> around the reply form: Enter sends, Shift+Enter makes
// a new line. What is typed waits in this browser, with its kind, until it is sent or a week is over. Sent, it stands
// in <unsent-messages id="sending"> until the server has it, and the field is free for the next one.
import { draftAt } from "form_typing"
import { text } from "texts"

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
    this[how]("submit", this.#send)
    this.querySelector(".composer-tabs")[how]("click", this.#turn)
  }

  /** Puts a message that was not sent back into the field, before what is typed there. */
  edit(fields) {
    const { content, kind, attachments } = fields
    this.area.value = [content.value, this.area.value].filter(Boolean).join("\n")
    this.area.form.elements.kind.value = kind.value
    for (const field of this.#others) field.value = fields[field.name]?.value ?? field.value
    this.#files.hold([...attachments.files, ...this.area.form.elements.attachments.files])
    this.#keep()
    this.area.focus()
  }

  get #files() { return this.querySelector("attach-files") }

  /** Whom a copy of an e-mail goes to; nowhere else are there such fields. */
  get #others() { return [...this.querySelectorAll(".reach input")] }

  #named(fields) { return Object.fromEntries(fields.map(({ name, value }) => [name, value])) }

  get #key() { return `form ${this.getAttribute("key")}` } // of those that go when somebody signs out

  #restore() {
    const draft = draftAt(this.#key, WEEK)
    if (!draft) return
    this.area.value = draft.typed
    this.area.form.elements.kind.value = draft.kind
    for (const field of this.#others) field.value = draft.others?.[field.name] ?? field.value
  }

  #send = (event) => {
    const sending = document.getElementById("sending")
    if (!sending) return
    event.preventDefault()
    const { echo_id, kind, attachments } = this.area.form.elements
    const typed = this.area.value
    if (!typed.trim() && !attachments.files.length) return this.#refuse()
    sending.send({ echo: echo_id.value, kind: kind.value, typed, others: this.#named(this.#others) }, attachments.files)
    echo_id.value = newId()
    this.area.value = ""
    this.#files.hold([])
    for (const field of this.#others) if (field.name === "bcc_emails") field.value = ""
    this.#clear()
  }

  #refuse() {
    this.area.setCustomValidity(text("write_first"))
    this.area.reportValidity()
    this.area.setCustomValidity("")
  }

  #keep = () => {
    const { value: typed, form } = this.area
    if (!typed.trim()) return this.#clear()
    const kept = { at: new Date().toISOString(), typed, kind: form.elements.kind.value, others: this.#named(this.#others.filter(({ value, defaultValue }) => value !== defaultValue)) }
    try { localStorage.setItem(this.#key, JSON.stringify(kept)) } catch { /* the browser's store is full or closed */ }
  }

  #clear = () => localStorage.removeItem(this.#key)

  /** Whoever presses a kind of message with the mouse goes on writing; the arrow keys stay among the kinds. */
  #turn = (event) => { if (event.detail && event.target.closest("label")) setTimeout(() => this.area.focus()) }

  #press = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    const { form, value } = this.area
    if (value.trim() || form.elements.attachments?.files.length) form.requestSubmit()
  }
})

/** Messages that nobody sent within a week go, of conversations that nobody opens again too. */
function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (/^form .*\/messages( unsent)?$/.test(key) && !draftAt(key, WEEK)) localStorage.removeItem(key)
  }
}

// crypto.randomUUID is missing where Recado is served without TLS.
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("")
}
