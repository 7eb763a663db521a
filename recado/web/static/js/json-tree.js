// <json-tree> around laid out JSON in a <pre>: a line that opens an object or list gets a button that folds what is
// inside. What is folded is still copied.
import { text } from "texts"

customElements.define("json-tree", class extends HTMLElement {
  connectedCallback() {
    const pre = this.querySelector("pre")
    if (!pre || this.lines || !/^\s*[[{]/.test(pre.textContent)) return
    this.lines = pre.innerHTML.split("\n").map(drawLine)
    pre.replaceChildren(...this.lines)
    this.addEventListener("click", this.#press)
  }

  disconnectedCallback() { this.removeEventListener("click", this.#press) }

  #press = ({ target }) => {
    const toggle = target.closest(".fold-toggle")
    if (!toggle) return
    toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") === "false"))
    this.#show()
  }

  // What stands deeper than a folded line is hidden, up to the bracket that closes it.
  #show() {
    let folded = Infinity
    for (const line of this.lines) {
      const depth = Number(line.dataset.depth)
      if (depth <= folded) folded = Infinity
      line.hidden = depth > folded
      const isFolded = line.querySelector(".fold-toggle")?.getAttribute("aria-expanded") === "false"
      if (!line.hidden && isFolded) folded = depth
    }
  }
})

function drawLine(html) {
  const line = document.createElement("span")
  line.className = "json-line"
  const inside = Object.assign(document.createElement("span"), { className: "json-words", innerHTML: html })
  line.append(inside)
  const words = line.textContent
  line.dataset.depth = words.length - words.trimStart().length
  if (/[[{]\s*$/.test(words)) line.prepend(drawToggle())
  line.append("\n")
  return line
}

function drawToggle() {
  const toggle = Object.assign(document.createElement("button"), { type: "button", className: "fold-toggle", title: text("fold") })
  toggle.setAttribute("aria-label", text("fold"))
  toggle.setAttribute("aria-expanded", "true")
  return toggle
}
