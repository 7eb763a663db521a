// What the lists under fields are made of: variables, and choices.
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

/** One <option>: what it is called, a second line about it, and why it cannot be chosen. */
export function drawChoice({ label, disabled, dataset }, id) {
  const option = make("li", { id, className: "picker-option" })
  const parts = { name: label, detail: dataset.detail, why: dataset.why }
  for (const [className, textContent] of Object.entries(parts)) if (textContent) option.append(make("span", { className, textContent }))
  option.setAttribute("role", "option")
  if (disabled) option.setAttribute("aria-disabled", "true")
  return option
}

/** The only line of a list that found nothing. */
export function drawNothing(name = "no_variables") {
  const line = make("li", { className: "picker-empty", textContent: text(name) })
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

/** Lets a field and its list stand for a <select>: its name and hints go to them, and it is put out of the way. */
export function standFor(select, field, list) {
  const [label] = select.labels
  const name = select.getAttribute("aria-label") ?? (label?.querySelector(".field-label") ?? label)?.textContent.trim()
  if (name) for (const part of [field, list]) part.setAttribute("aria-label", name)
  for (const hint of ["aria-describedby", "aria-invalid", "autofocus"]) {
    if (select.hasAttribute(hint)) field.setAttribute(hint, select.getAttribute(hint))
    else field.removeAttribute(hint)
  }
  for (const given of ["aria-label", "autofocus"]) select.removeAttribute(given)
  field.disabled = select.disabled
  select.tabIndex = -1
  select.ariaHidden = "true"
  select.classList.add("unseen")
}
