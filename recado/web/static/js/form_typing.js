// What somebody has typed into a form: read without secrets, kept in this browser, put back.
const SECRET = "input[type=password], input[type=file], [data-never-kept]"
const TELLS_SECRET = /auth|cookie|key|pass|secret|token/i  // the name of a header
const FORGET_AFTER = 30 * 24 * 3600 * 1000  // milliseconds

/** What stands in a form as [[name, value], …], without secrets. */
export function typedIn(form) {
  const secret = new Set([...form.querySelectorAll(SECRET)].map(({ name }) => name))
  for (const row of form.querySelectorAll("header-pairs [data-row]")) {
    if (TELLS_SECRET.test(row.querySelector("[data-name]").value)) secret.add(row.querySelector("[data-value]").name)
  }
  const isKept = ([name, value]) => name !== "_csrf_token" && typeof value === "string" && !secret.has(name)
  return [...new FormData(form)].filter(isKept)
}

/** The draft kept under a key: {at, typed, …}; null where there is none, or only an old one. */
export function draftAt(key, forgetAfter = FORGET_AFTER) {
  const draft = JSON.parse(localStorage.getItem(key) ?? "null")
  return draft && Date.now() - new Date(draft.at) < forgetAfter ? draft : null
}

/** Asks an address for a form with what was typed, and puts it in the place of the one that is there. */
export function askFor(address, id, typed) {
  const form = Object.assign(document.createElement("form"), { hidden: true, method: "post" })
  for (const [name, value] of Object.entries({ "hx-post": address, "hx-target": `#${id}`, "hx-swap": "outerHTML" })) form.setAttribute(name, value)
  form.append(...typed.map(([name, value]) => Object.assign(document.createElement("textarea"), { name, value })))
  document.body.append(form)
  window.htmx.process(form)
  form.addEventListener("htmx:after:swap", () => form.remove())
  form.requestSubmit()
}

/** Puts what was typed back into the fields of a form. */
export function fillIn(form, typed) {
  const left = Map.groupBy(typed, ([name]) => name)
  for (const field of form.elements) {
    if (!field.name || field.name === "_csrf_token" || field.matches(SECRET)) continue
    const values = (left.get(field.name) ?? []).map(([, value]) => value)
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = values.includes(field.value)
    else if (field.multiple) for (const one of field.options) one.selected = values.includes(one.value)
    else if (left.has(field.name)) field.value = left.get(field.name).shift()?.[1] ?? field.value
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }))
  }
}
