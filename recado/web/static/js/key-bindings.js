// <key-bindings sheet="keys">: every element with data-key="alt+e" answers to that key (or to several, "mod+s mod+enter"): a field takes the
// focus, anything else is pressed. "?" opens the sheet, a <dialog> whose list is made of what the page has;
// the name of a key is the element's data-key-name, its label for the ear, or its text. What a field answers to by itself while
// one writes is told there by an element with data-typed-key, which need not be seen.
const EDITABLE = "input, textarea, select, [contenteditable], .cm-editor"

const pressed = ({ code, key, altKey, ctrlKey, metaKey }) => {
  const name = altKey ? code.replace(/^Key|^Digit/, "") : key // Alt types other letters on some keyboards
  return [ctrlKey || metaKey ? "mod" : "", altKey ? "alt" : "", name.toLowerCase()].filter(Boolean).join("+")
}

const isShown = (element) => element.matches("[data-opens-palette]") || element.checkVisibility()

export const bound = () => [...document.querySelectorAll("[data-key]")].filter(isShown)

export const nameOf = (element) =>
  element.dataset.keyName || element.getAttribute("aria-label") || element.textContent.trim()

export const act = (element) => {
  if (element.matches("textarea, input:not([type=radio], [type=file])")) return element.focus()
  element.click()
  if (element.matches("[type=radio]")) element.form?.querySelector("textarea")?.focus() // what one writes next
}

customElements.define("key-bindings", class extends HTMLElement {
  connectedCallback() {
    document.addEventListener("keydown", this.#press)
    for (const name of ["pointerover", "focusin"]) document.addEventListener(name, tell)
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#press)
    for (const name of ["pointerover", "focusin"]) document.removeEventListener(name, tell)
  }

  #press = (event) => {
    const key = pressed(event)
    const isTyping = event.target.closest?.(EDITABLE) && !event.altKey && !event.ctrlKey && !event.metaKey
    if (event.defaultPrevented || event.isComposing || isTyping) return
    const modal = document.querySelector("dialog:modal")
    if (modal && !modal.contains(event.target)) return
    if (key === "?") return this.#explain(event)
    const element = bound().find((one) => one.dataset.key.split(" ").includes(key))
    if (!element || modal) return
    event.preventDefault()
    act(element)
  }

  #explain(event) {
    event.preventDefault()
    const sheet = document.getElementById(this.getAttribute("sheet"))
    const typed = [...document.querySelectorAll("[data-typed-key]")]
    const rows = [...bound().map((one) => [nameOf(one), one.dataset.key]), ...typed.map((one) => [nameOf(one), one.dataset.typedKey])]
    sheet.querySelector("dl").replaceChildren(...rows.flatMap(([name, keys]) => row(name, keys.split(" ")[0])))
    sheet.showModal()
  }
})

function row(name, key) {
  const [term, keys] = [document.createElement("dt"), document.createElement("dd")]
  term.textContent = name
  for (const part of key.split("+")) keys.append(Object.assign(document.createElement("kbd"), { textContent: SHOWN[part] ?? part.toUpperCase() }))
  return [term, keys]
}

// A tooltip names the key, too.
function tell({ target }) {
  const element = target.closest?.("[data-key]")
  if (!element || element.dataset.told || element.matches("textarea, input")) return
  const keys = element.dataset.key.split(" ")[0].split("+").map((part) => SHOWN[part] ?? part.toUpperCase())
  element.title = `${element.title || nameOf(element)} (${keys.join("+")})`
  element.dataset.told = "1"
}

const SHOWN = { mod: /Mac/.test(navigator.platform) ? "⌘" : "Ctrl", alt: "Alt", shift: "Shift", enter: "Enter", escape: "Esc" }
