// What the frame knows and keeps: the page's words, and in its own storage who the visitor is, what waits to
// be sent, and what was read. Where the browser gives a frame no storage, the website keeps it for us.
export const seen = JSON.parse(document.getElementById("seen").textContent)

/** The text `name` in the visitor's language, with its `%(key)s` places filled in. */
export function text(name, values = {}) {
  return (seen.texts[name] ?? name).replace(/%\((\w+)\)s/g, (_, key) => String(values[key] ?? ""))
}

const memory = new Map()

function shelf() {
  try {
    localStorage.setItem("recado", "1")
    return localStorage
  } catch {
    return null
  }
}

const storage = shelf()
const isFramed = window.parent !== window
const key = (name) => `recado ${seen.token} ${name}`

const tell = (event, values) => window.parent.postMessage(`chatwoot-widget:${JSON.stringify({ event, ...values })}`, "*")

/** Resolves when what was kept is known. */
export const remembered = storage || !isFramed ? Promise.resolve() : new Promise((resolve) => {
  addEventListener("message", function hear(event) {
    if (event.source !== window.parent || !String(event.data).startsWith('chatwoot-widget:{"event":"kept"')) return
    removeEventListener("message", hear)
    const { values } = JSON.parse(event.data.slice("chatwoot-widget:".length))
    for (const [name, value] of Object.entries(values)) memory.set(key(name), value)
    resolve()
  })
  tell("ask-kept")
  setTimeout(resolve, 3000) // an older script, or none
})

export function keep(name, value) {
  memory.set(key(name), value)
  try {
    if (storage) storage.setItem(key(name), JSON.stringify(value))
    else if (isFramed) tell("keep", { name, value })
  } catch { /* full: it lasts as long as the page */ }
}

export function kept(name, otherwise = null) {
  try {
    const found = storage?.getItem(key(name))
    if (found) return JSON.parse(found)
  } catch { /* somebody else's; start anew */ }
  return memory.get(key(name)) ?? otherwise
}

export function forget(...names) {
  for (const name of names) {
    memory.delete(key(name))
    storage?.removeItem(key(name))
    if (!storage && isFramed) tell("keep", { name, value: null })
  }
}

/** A name that nobody guesses: 192 random bits. */
export function newSecret() {
  const bytes = crypto.getRandomValues(new Uint8Array(24))
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("")
}

/** Do something in one tab at a time, where the browser lets a frame know of its other tabs. */
export async function alone(what) {
  let hasBegun = false
  try {
    return await navigator.locks.request(key("lock"), () => {
      hasBegun = true
      return what()
    })
  } catch (error) {
    if (hasBegun) throw error
    return what()
  }
}
