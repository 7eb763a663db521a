// <unsent-messages key="3@1 /app/conversations/12/messages"> at the end of the thread shows what was written at once,
// each message as the form that sends it, one after the other. The real message, known by its echo_id, takes its
// place. What is refused stays, in this browser for a week too: to be sent again (never twice), edited or discarded.
import { draftAt } from "form_typing"
import { text } from "texts"

const WEEK = 7 * 24 * 3600 * 1000 // milliseconds
const MOST_KEPT_ALIVE = 20_000 // characters that the browser still sends while the page is left
const CLASSES = { reply: "outgoing", note: "private", contact: "incoming" }

customElements.define("unsent-messages", class extends HTMLElement {
  connectedCallback() {
    this.thread = this.parentElement
    this.watch = new MutationObserver(this.#settle)
    this.watch.observe(this.thread, { childList: true })
    this.#listen("addEventListener")
    if (!this.firstChild) setTimeout(this.#restore) // the template stands further below
  }

  disconnectedCallback() {
    this.watch.disconnect()
    this.#listen("removeEventListener")
  }

  #listen(how) {
    this[how]("submit", this.#wait)
    this[how]("click", this.#press)
    this[how]("htmx:after:request", this.#hear)
    this[how]("htmx:error", this.#fail)
    this[how]("htmx:finally:request", this.#end)
    window[how]("online", this.#again)
  }

  /** Shows a message at the end of the thread and sends it: {echo, kind, typed, others}, and its files. */
  send(message, files) {
    const form = this.#draw(message, files)
    this.#keep([...this.#kept, { ...message, files: files.length }])
    this.thread.scrollTop = this.thread.scrollHeight
    form.requestSubmit()
  }

  #draw({ echo, kind, typed, others = {} }, files) {
    const form = document.getElementById("unsent-message").content.firstElementChild.cloneNode(true)
    const { echo_id, kind: held, content, attachments } = form.elements
    for (const [field, value] of [[echo_id, echo], [held, kind], [content, typed]]) field.value = value
    for (const [name, value] of Object.entries(others)) if (form.elements[name]) form.elements[name].value = value
    attachments.files = files
    form.classList.add(CLASSES[kind])
    form.querySelector(".bubble").textContent = typed.replace(/^[\r\n]+|[\r\n]+$/g, "")
    form.querySelector("ul").replaceChildren(...[...files].map(({ name }) => Object.assign(document.createElement("li"), { textContent: name })))
    if (!files.length && typed.length < MOST_KEPT_ALIVE) form.setAttribute("hx-config", "keepalive:true")
    const shown = this.thread.getAttribute("hx-get")
    if (shown.includes("?from=") && !this.thread.hasAttribute("short")) form.setAttribute("hx-post", shown) // answered with what is shown already, and the new
    this.append(form)
    window.htmx.process(form)
    return form
  }

  #wait = ({ target }) => target.classList.remove("refused")

  #hear = ({ target, detail: { ctx } }) => {
    const { status } = ctx.response
    if (status < 400) target.dataset.sent = ""
    else if (status === 422) this.#refuse(target, text("not_sent", { why: ctx.text.trim() }))
    else this.#refuse(target, text("not_sent_yet"))
  }

  #fail = ({ target, detail }) => {
    if (detail.ctx?.response) return
    this.#refuse(target, text("no_connection_short"))
    target.dataset.waits = "online"
  }

  #refuse(form, why) {
    form.classList.add("refused")
    form.querySelector(".why").textContent = why
  }

  #again = () => {
    for (const form of this.querySelectorAll("form.refused[data-waits=online]")) form.requestSubmit()
  }

  #end = ({ target }) => "sent" in target.dataset && this.#forget(target)

  #press = ({ target }) => {
    if (target.type !== "button") return
    if ("edit" in target.dataset) document.querySelector("message-composer").edit(target.form.elements)
    this.#forget(target.form)
  }

  // Before the browser paints: the message is never there twice.
  #settle = () => {
    const there = new Set([...this.thread.querySelectorAll(":scope > [data-echo]")].map((one) => one.dataset.echo))
    for (const form of [...this.children]) if (there.has(form.elements.echo_id.value)) this.#forget(form)
  }

  get #key() { return `form ${this.getAttribute("key")} unsent` } // of those that go when somebody signs out

  get #kept() { return draftAt(this.#key, WEEK)?.messages ?? [] }

  #keep(messages) {
    if (!messages.length) return localStorage.removeItem(this.#key)
    const kept = { at: new Date().toISOString(), messages }
    try { localStorage.setItem(this.#key, JSON.stringify(kept)) } catch { /* the browser's store is full or closed */ }
  }

  #forget(form) {
    this.#keep(this.#kept.filter(({ echo }) => echo !== form.elements.echo_id.value))
    form.remove()
  }

  #restore = () => {
    for (const message of this.#kept) {
      const form = this.#draw(message, new DataTransfer().files)
      this.#refuse(form, text(message.files ? "files_are_gone" : "not_sent_yet"))
      form.querySelector("[type=submit]").hidden = Boolean(message.files)
    }
    this.#settle()
  }
})
