// What the list of variables under a plain input is made of.
import { kindName, text } from "texts"

const make = (tag, values) => Object.assign(document.createElement(tag), values)

/** One variable: its label, kind, code and sample. */
export function drawOption(variable, id) {
  const { name, label, kind, sample } = variable
  const parts = { name: label || name, kind: kindName(kind), code: `{{${name}}}`, sample: sample ?? "" }
  const option = make("li", { id, className: "picker-option" })
  option.setAttribute("role", "option")
  option.append(...Object.entries(parts).map(([className, textContent]) => make("span", { className, textContent })))
  return option
}

/** The only line of a list that found nothing. */
export function drawNothing() {
  const line = make("li", { className: "picker-empty", textContent: text("no_variables") })
  line.setAttribute("role", "option")
  line.setAttribute("aria-disabled", "true")
  return line
}

/** For those who do not know about `{{`, or have no such key. */
export function drawButton() {
  const label = text("insert_variable")
  const button = make("button", {
    type: "button", className: "button quiet small icon-only insert-variable mono", textContent: "{}", title: label,
  })
  button.setAttribute("aria-label", label)
  return button
}
