// Messages that ask for something: choices as buttons, forms, cards and lists of articles. A program wrote them, so
// what is not as it should be is left out.
import { make } from "widget/drawing"
import { text } from "widget/keeping"

const list = (value) => (Array.isArray(value) ? value.filter((one) => one && typeof one === "object") : [])
const words = (value) => (typeof value === "string" || typeof value === "number" ? String(value) : "")
const itemsOf = (message) => list(message.content_attributes?.items)
const KINDS = { email: "email", number: "number", tel: "tel", url: "url", date: "date" }

/** What stands below a message's text. `doing.choose(message, values, shown)` takes an answer, `doing.press(payload)` a button's. */
export function drawAsked(message, isAnswered, doing) {
  const draw = { input_select: drawChoices, form: drawForm, cards: drawCards, article: drawArticles }[message.content_type]
  if (!draw || !itemsOf(message).length || (isAnswered && (draw === drawChoices || draw === drawForm))) return []
  return [draw(message, doing)]
}

/** What was chosen or filled in, as the visitor reads it; "" where nothing was. */
export function answerOf(message) {
  const values = message.content_attributes?.submitted_values
  if (message.content_type === "form") return formAnswer(message, list(values))
  return message.content_type === "input_select" ? list(values).map((one) => words(one.title) || words(one.value)).filter(Boolean).join(", ") : ""
}

function formAnswer(message, values) {
  const labels = new Map(itemsOf(message).map((one) => [one.name, words(one.label)]))
  return values.map(({ name, value }) => `${labels.get(name) || words(name)}: ${words(value)}`).join("\n")
}

function drawChoices(message, { choose }) {
  const buttons = itemsOf(message).map((one) => {
    const title = words(one.title) || words(one.value)
    const values = [{ title, value: one.value ?? title }]
    return make("button", { type: "button", textContent: title, onclick: () => choose(message, values, title) })
  })
  return make("div", { className: "choices", role: "group", label: words(message.content) || text("choose") }, ...buttons)
}

function drawForm(message, { choose }) {
  const items = itemsOf(message).filter((one) => words(one.name))
  const button = make("button", { className: "go", textContent: words(message.content_attributes.button_label) || text("send") })
  const form = make("form", { className: "fill", label: words(message.content) }, ...items.map((one) => field(message, one)), button)
  form.onsubmit = (event) => {
    event.preventDefault()
    const values = items.map(({ name }) => ({ name, value: form.elements[name].value }))
    choose(message, values, formAnswer(message, values))
  }
  return form
}

function field(message, item) {
  const { name, required } = item
  const shared = { id: `fill-${message.id}-${name}`, name, required: Boolean(required), value: words(item.default) }
  const control = item.type === "select"
    ? make("select", shared, new Option("", ""), ...list(item.options).map((one) => new Option(words(one.label), words(one.value))))
    : make(item.type === "text_area" ? "textarea" : "input", { ...shared, placeholder: words(item.placeholder), maxLength: 2000 })
  if (control.tagName === "INPUT") control.type = KINDS[item.type] ?? "text"
  const label = words(item.label) || name
  return make("div", {}, make("label", { htmlFor: shared.id, textContent: required ? `${label} *` : label }), control)
}

function drawCards(message, { press }) {
  return make("ul", { className: "cards" }, ...itemsOf(message).map((one) => make("li", {},
    ...picture(one.media_url), ...paragraph("strong", one.title), ...paragraph("", one.description),
    ...list(one.actions).flatMap((action) => drawAction(action, press)))))
}

function drawAction(action, press) {
  const label = words(action.text)
  if (action.type === "link") return link(action.uri, label)
  return press && label ? [make("button", { type: "button", textContent: label, onclick: () => press(action.payload) })] : []
}

function drawArticles(message) {
  return make("ul", { className: "cards" }, ...itemsOf(message).map((one) => make("li", {},
    ...link(one.link, words(one.title)), ...paragraph("", one.description))))
}

const paragraph = (className, value) => (words(value) ? [make("p", { className, textContent: words(value) })] : [])

/** An address that a press may lead to: never a script. */
function link(address, label) {
  if (!URL.canParse(words(address)) || !["http:", "https:", "mailto:", "tel:"].includes(new URL(address).protocol)) return []
  return [make("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow", textContent: label || address })]
}

/** Only of our own server: no other learns that somebody reads this. */
function picture(address) {
  const isOwn = URL.canParse(words(address)) && new URL(address).origin === location.origin
  return isOwn ? [make("img", { src: address, alt: "", loading: "lazy" })] : []
}
