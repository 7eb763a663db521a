// <command-palette> holds a <dialog> with a field: what is typed narrows the commands (links of the palette,
// everything on the page that has a key, the macros beside a conversation) and asks the server for messages
// and contacts.
import { act, bound, nameOf } from "key-bindings"
import { plain } from "texts"

const WAIT = 200 // milliseconds without typing before the server is asked

customElements.define("command-palette", class extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog")
    this.field = this.querySelector("input")
    this.list = this.querySelector(".palette-commands")
    this.addEventListener("click", this.#click)
    this.field.addEventListener("input", this.#type)
    this.list.addEventListener("htmx:after:swap", this.#narrow)
    this.dialog.addEventListener("htmx:after:swap", this.#keepPromise)
    this.dialog.addEventListener("keydown", this.#press)
  }

  disconnectedCallback() {
    clearTimeout(this.wait)
    this.removeEventListener("click", this.#click)
    this.field.removeEventListener("input", this.#type)
    this.list.removeEventListener("htmx:after:swap", this.#narrow)
    this.dialog.removeEventListener("htmx:after:swap", this.#keepPromise)
    this.dialog.removeEventListener("keydown", this.#press)
  }

  #click = (event) => {
    if (event.target.closest("[data-opens-palette]")) return this.#open()
    const button = event.target.closest(".palette-commands button")
    if (!button) return
    this.dialog.close()
    if (button.dataset.at) act(this.commands[Number(button.dataset.at)])
  }

  #open() {
    this.commands = [...bound(), ...document.querySelectorAll("[data-macro] button")].filter((one) => !this.contains(one))
    this.list.querySelectorAll("[data-at]").forEach((one) => one.remove())
    this.commands.forEach((one, at) => {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: nameOf(one) })
      button.dataset.at = at
      this.list.append(button)
    })
    this.field.value = ""
    this.#type()
    if (!this.list.querySelector("a")) this.list.dispatchEvent(new CustomEvent("recado:open")) // the commands of every page come
    this.dialog.showModal()
    this.field.focus()
  }

  #narrow = () => {
    const wanted = plain(this.field.value.trim())
    for (const one of this.list.children) one.hidden = !plain(one.textContent).includes(wanted)
  }

  #type = () => {
    this.promised = false
    this.#narrow()
    clearTimeout(this.wait)
    this.wait = setTimeout(() => this.field.dispatchEvent(new CustomEvent("recado:search", { bubbles: true })), WAIT)
  }

  #choices() {
    return [...this.dialog.querySelectorAll(".palette-commands :is(a, button), .palette-found a")].filter((one) => one.checkVisibility())
  }

  // Enter takes the first; where nothing is there yet (who types fast is ahead of the server), the first that comes.
  #take() {
    const [first] = this.#choices()
    this.promised = !first
    first?.click()
  }

  #keepPromise = () => {
    if (this.promised && this.dialog.open) setTimeout(() => this.promised && this.#take()) // htmx first binds what came
  }

  // The arrows walk through whatever can be chosen.
  #press = (event) => {
    const choices = this.#choices()
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const at = choices.indexOf(document.activeElement)
    if (step) (choices[at + step] ?? this.field).focus()
    else if (event.key === "Enter" && event.target === this.field) this.#take()
    else return
    event.preventDefault()
  }
})
