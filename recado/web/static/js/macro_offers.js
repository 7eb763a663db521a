// The macros that `/` finds in the composer: those that stand beside the conversation (#macros), each with what it
// will do. Whoever takes one is asked first: what a macro does cannot always be undone.
import { text } from "texts"

const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase()

/** An option for each macro whose name contains what was typed. */
export function macroOptions(typed) {
  const found = [...document.querySelectorAll("#macros form")].filter((form) => plain(form.dataset.macro).includes(plain(typed)))
  return found.map((form) => optionOf(form, `▶ ${form.dataset.macro}`, text("macro_does", { does: form.dataset.does })))
}

/** The option that says once more what will happen; taken, it happens. */
export function askingOption(option) {
  const form = document.getElementById(option.dataset.macro)
  const { macro: name, does } = form.dataset
  const asking = optionOf(form, `▶ ${name}`, text("macro_asks", { name, does }))
  asking.dataset.asks = ""
  return asking
}

/** Runs the macro as its own button does. */
export function runMacro({ dataset }) {
  const form = document.getElementById(dataset.macro)
  const tell = ({ detail }) => detail.ctx.response.status < 400 && document.getElementById("toasts").show(text("macro_ran", { name: form.dataset.macro }))
  form.addEventListener("htmx:after:request", tell, { once: true })
  form.requestSubmit()
}

function optionOf(form, name, does) {
  const [option, code, sample] = ["li", "span", "span"].map((tag) => document.createElement(tag))
  Object.assign(option, { className: "picker-option", id: `offer-${form.id}`, role: "option" })
  option.dataset.macro = form.id
  Object.assign(code, { className: "name", textContent: name })
  Object.assign(sample, { className: "sample whole", textContent: does })
  option.append(code, sample)
  return option
}
