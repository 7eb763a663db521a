// <thread-presence number="12" contact="Maria" me="5">: says that this conversation is looked at, as long as it is
// on the screen, and who types in it; shows who else does, in a line above the composer.
import { whenIdle } from "idle"
import { text } from "texts"

const LOOK = 20_000 // milliseconds between two looks
const REPEAT = 8_000 // while somebody goes on typing
const IDLE = 5_000 // without a key: stopped
const SENT = 500 // after a message was sent: it goes first
const GONE = 12_000 // after the last word of somebody who types

customElements.define("thread-presence", class extends HTMLElement {
  connectedCallback() {
    this.path = `/app/conversations/${this.getAttribute("number")}`
    this.typing = new Map()
    this.clock = setInterval(this.#look, LOOK)
    document.addEventListener("visibilitychange", this.#look)
    document.addEventListener("recado:changed", this.#arrive)
    document.addEventListener("recado:typing", this.#hear)
    document.addEventListener("input", this.#type)
    document.addEventListener("submit", this.#rest)
    addEventListener("pagehide", this.#leave)
    whenIdle(() => this.isConnected && this.#look())
  }

  disconnectedCallback() {
    clearInterval(this.clock)
    clearTimeout(this.idle)
    document.removeEventListener("visibilitychange", this.#look)
    document.removeEventListener("recado:changed", this.#arrive)
    document.removeEventListener("recado:typing", this.#hear)
    document.removeEventListener("input", this.#type)
    document.removeEventListener("submit", this.#rest)
    removeEventListener("pagehide", this.#leave)
  }

  #post(what, values) {
    const token = document.querySelector('meta[name="csrf-token"]').content
    const body = new URLSearchParams(values)
    fetch(`${this.path}/${what}`, { method: "POST", body, headers: { "x-csrftoken": token }, keepalive: true }).catch(() => {})
  }

  #look = () => {
    if (document.visibilityState === "visible") this.#post("look", {})
    else if (this.looked) this.#post("look", { away: 1 })
    this.looked = document.visibilityState === "visible"
  }

  // What arrives on the screen is seen; one look is enough for several messages, and our own look is no news.
  #arrive = ({ detail: { names } }) => {
    const isMeant = names.includes(`conversation:${this.getAttribute("number")}`)
    if (!isMeant || document.hidden || Date.now() - (this.lookedAt ?? 0) < 1000) return
    this.lookedAt = Date.now()
    setTimeout(this.#look, 300)
  }

  #leave = () => {
    this.#stop()
    this.#post("look", { away: 1 })
  }

  #type = ({ target }) => {
    if (target.id !== "field-content" || !target.closest("#composer")) return
    const { kind } = target.form.elements
    if (kind.value === "contact") return
    clearTimeout(this.idle)
    if (!target.value.trim()) return this.#stop()
    this.idle = setTimeout(this.#stop, IDLE)
    this.private = kind.value === "note" ? 1 : 0
    if (Date.now() - (this.told ?? 0) < REPEAT) return
    this.told = Date.now()
    this.#post("typing", { on: 1, private: this.private })
  }

  #rest = () => {
    clearTimeout(this.idle)
    this.idle = setTimeout(this.#stop, SENT)
  }

  #stop = () => {
    clearTimeout(this.idle)
    if (this.told) this.#post("typing", { on: 0, private: this.private })
    this.told = null
  }

  #hear = ({ detail: { id, by, name, on } }) => {
    if (String(id) !== this.getAttribute("number") || by === `user:${this.getAttribute("me")}`) return
    clearTimeout(this.typing.get(by)?.end)
    this.typing.delete(by)
    const forget = () => { this.typing.delete(by); this.#draw() }
    if (on) this.typing.set(by, { name: name || this.getAttribute("contact"), end: setTimeout(forget, GONE) })
    this.#draw()
  }

  #draw() {
    const names = [...this.typing.values()].map((one) => one.name)
    const said = new Intl.ListFormat(document.documentElement.lang).format(names)
    this.querySelector("[role=status]").textContent = names.length ? text(names.length > 1 ? "are_typing" : "is_typing", { name: said }) : ""
  }
})
