// <attach-files most="15" bytes="41943040"> in the reply form: files chosen by its button, dropped on the
// thread or pasted gather in a list from which each can be taken out; the file field holds them all.
import { text } from "texts"

const PREVIEWED = 8 * 1024 * 1024 // bytes of a picture that is shown before it is sent

customElements.define("attach-files", class extends HTMLElement {
  #files = []

  connectedCallback() {
    this.field = this.querySelector("input[type=file]")
    this.list = this.querySelector("ul")
    this.problem = this.querySelector("p")
    this.place = this.closest(".desk-thread") ?? this.closest("form")
    this.#listen("addEventListener")
  }

  disconnectedCallback() { this.#listen("removeEventListener") }

  /** Holds these files instead of what it held. */
  hold(files) {
    this.#files = [...files]
    this.#keep()
  }

  #listen(how) {
    this.field[how]("change", this.#choose)
    this.list[how]("click", this.#remove)
    this.closest("form")?.[how]("paste", this.#paste)
    for (const name of ["dragover", "dragleave", "drop"]) this.place[how](name, this.#drag)
  }

  #choose = () => this.#add([...this.field.files])

  #paste = (event) => {
    const { files, types } = event.clipboardData
    if (!files.length || types.includes("text/plain")) return // words with a picture of them are words
    event.preventDefault()
    this.#add([...files])
  }

  #drag = (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    this.place.classList.toggle("drop-here", event.type === "dragover")
    if (event.type === "drop") this.#add([...event.dataTransfer.files])
  }

  #add(files) {
    this.#say("")
    for (const file of files) {
      const bytes = this.#files.reduce((sum, one) => sum + one.size, file.size)
      if (this.#files.length >= this.#limit("most")) this.#say(text("too_many_files", { number: this.#limit("most") }))
      else if (bytes > this.#limit("bytes")) this.#say(text("too_large", { size: `${this.#limit("bytes") / 1024 / 1024} MB`, name: file.name }))
      else this.#files.push(file)
    }
    this.#keep()
    this.closest("form").querySelector("textarea")?.focus()
  }

  #limit(name) { return Number(this.getAttribute(name)) }

  #say(problem) {
    this.problem.textContent = problem
    this.problem.hidden = !problem
  }

  #remove = (event) => {
    const at = [...this.list.querySelectorAll("button")].indexOf(event.target.closest("button"))
    if (at < 0) return
    this.#files.splice(at, 1)
    this.#say("")
    this.#keep()
    ;(this.list.querySelectorAll("button")[at] ?? this.field).focus()
  }

  #keep() {
    const held = new DataTransfer()
    for (const file of this.#files) held.items.add(file)
    this.field.files = held.files
    this.list.replaceChildren(...this.#files.map(drawFile))
  }
})

function drawFile(file) {
  const [item, name, button] = ["li", "span", "button"].map((tag) => document.createElement(tag))
  Object.assign(name, { className: "cut", textContent: file.name, title: file.name })
  Object.assign(button, { type: "button", className: "button quiet small icon-only", textContent: "×" })
  button.setAttribute("aria-label", text("remove_file", { name: file.name }))
  item.append(...(file.type.startsWith("image/") && file.size < PREVIEWED ? [preview(file)] : []), name, button)
  return item
}

// A data: address, as the content policy wants it.
function preview(file) {
  const image = Object.assign(document.createElement("img"), { alt: "" })
  const reader = new FileReader()
  reader.onload = () => { image.src = reader.result }
  reader.readAsDataURL(file)
  return image
}
