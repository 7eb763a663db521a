// The questions before the first message. Asked once, of those answers that nobody has told yet.
import { make } from "widget/drawing"
import { forget, keep, kept, seen, text } from "widget/keeping"
import { Refused, tellAsked } from "widget/talking"

const TOLD = { fullName: "name", emailAddress: "email", phoneNumber: "phone_number" }
const FILLED = { fullName: "name", emailAddress: "email", phoneNumber: "tel" }
const isStandard = (question) => question.belongs === "standard"

/** What is still to be asked. */
export function questions() {
  if (kept("asked")) return []
  const { user = {} } = kept("user", {})
  return seen.asks.filter((one) => !(isStandard(one) && user[TOLD[one.name]]))
}

export const askAgain = () => forget("asked")

/** Draw the questions into a form; `onDone` is called when the answers are taken. */
export function ask(form, onDone) {
  const wanted = questions()
  const shown = JSON.stringify(wanted)
  if (form.dataset.shown === shown) return
  form.dataset.shown = shown
  const problem = make("p", { className: "problem", role: "alert" })
  const button = make("button", { type: "submit", className: "go", textContent: text("start") })
  form.replaceChildren(make("p", { textContent: seen.asks_with, hidden: !seen.asks_with }), ...wanted.map(field), problem, button)
  form.onsubmit = async (event) => {
    event.preventDefault()
    button.disabled = true
    problem.textContent = ""
    try {
      await tellAsked(answers(form, wanted))
    } catch (error) {
      if (error instanceof Refused) {
        const wrong = wanted.find((one) => error.fields.some((field) => [TOLD[one.name], one.name, `custom_attributes.${one.name}`].includes(field)))
        problem.textContent = wrong ? text("refused_one", { name: wrong.label }) : text("refused")
        form.elements[wrong?.name]?.focus()
        return
      } // without a connection the answers wait, as messages do
    } finally {
      button.disabled = false
    }
    keep("asked", true)
    onDone()
  }
}

function field(question) {
  const { name, label, type, required, choices } = question
  const id = `ask-${name}`
  const control = type === "list"
    ? make("select", { id, name, required }, new Option("", ""), ...choices.map((one) => new Option(one, one)))
    : make("input", { id, name, required, type, maxLength: 255, autocomplete: FILLED[name] ?? "off" })
  if (type === "tel") Object.assign(control, { placeholder: "+55 11 91234-5678", pattern: "\\+?[0-9 \\(\\)\\-]{6,24}", title: text("phone") })
  if (type === "number") control.step = "any"
  const said = make("label", { htmlFor: id, textContent: required ? `${label} *` : label })
  return make("div", { className: type === "checkbox" ? "line" : "" }, said, control)
}

function answers(form, wanted) {
  const found = { user: {}, attributes: {}, about: {} }
  for (const one of wanted) {
    const value = valueOf(form.elements[one.name])
    if (value === "" || value === null) continue
    if (isStandard(one)) found.user[TOLD[one.name]] = one.name === "phoneNumber" ? phone(value) : value
    else if (one.belongs === "contact_attribute") found.attributes[one.name] = value
    else found.about[one.name] = value
  }
  return found
}

function valueOf(control) {
  if (control.type === "checkbox") return control.checked
  if (control.type === "number") return control.value === "" ? null : Number(control.value)
  return control.value.trim()
}

const phone = (written) => `+${written.replace(/\D/g, "")}`
