// The frame's beginning: joins the visitor's storage, the client API, the line and what is drawn.
import { ask, askAgain, questions } from "widget/asking"
import { takeFiles } from "widget/dropping"
import { drawThread, isTheirs, moment } from "widget/drawing"
import { forget, keep, kept, remembered, seen, text } from "widget/keeping"
import { Line } from "widget/listening"
import { mark, tellMarks } from "widget/marking"
import { answerWindows, askFrame } from "widget/popping"
import { filed, Outbox } from "widget/sending"
import * as talking from "widget/talking"
import { hearWebsite, tellApp, tellWebsite } from "widget/website"

await remembered
await filed

const at = (id) => document.getElementById(id)
const thread = at("thread"), area = at("text"), files = at("files")
const messages = new Map() // by id
let conversation = null
let isOpen = window.parent === window
let typingSince = 0
let mayEnd = false // where the website wants a button for it

const outbox = new Outbox({
  onChange: draw,
  onSent: (message) => {
    take(message)
    join()
    if (!isTheirs(message)) tellWebsite("on-message", { data: { id: message.id, message_type: 0 } })
  },
  onStart: () => { warn(tellMarks()); tellWebsite("on-start-conversation", { data: { hasConversation: true } }) },
})
const line = new Line({ onJoin: refresh, onHear: hear, onLose: () => shows("offline", !navigator.onLine) })

function join() { line.listen(talking.self().pubsub_token ?? null) }

async function refresh() {
  try {
    shows("offline", false)
    conversation = await talking.readConversation()
    for (const one of conversation?.messages ?? []) messages.set(one.id, one)
    const taken = new Set([...messages.values()].map((one) => one.echo_id).filter(Boolean))
    for (const one of outbox.waiting) if (taken.has(one.echo_id)) outbox.drop(one.echo_id)
    join()
    draw()
    await tellMarks()
    await outbox.flush()
  } catch (error) {
    if (error instanceof talking.Refused) throw error
    shows("offline", true)
    join() // whoever is known has a line, which calls again; but it may answer before the rest does
    retry()
  }
}

let retries
/** Until it works: what waits tries by itself, and what was said is asked for again. */
function retry() {
  clearTimeout(retries)
  retries = setTimeout(refresh, 10_000)
  outbox.flush()
}

function hear({ event, data }) {
  if (event === "message.created" || event === "message.updated") hearMessage(event, data)
  else if (event === "conversation.typing_on" && data.user?.type !== "contact") showTyping(data.user.name)
  else if (event === "conversation.typing_off" && data.user?.type !== "contact") showTyping("")
  else if (event === "conversation.status_changed" && conversation) { conversation.status = data.status; draw() }
}

function hearMessage(event, message) {
  if (message.conversation_id !== kept("conversation")) return
  if (!isTheirs(message) && outbox.isSending) return // its own answer tells, with its name
  const isNew = !messages.has(message.id)
  take(message)
  if (!isNew || !isTheirs(message)) return
  showTyping("")
  tellWebsite("on-message", { data: { id: message.id, message_type: message.message_type } })
}

function take(message) {
  messages.set(message.id, message)
  draw()
}

function draw() {
  const sorted = [...messages.values()].sort((one, other) => one.id - other.id)
  drawThread(thread, sorted, outbox, answering)
  shows("end", mayEnd && conversation?.status === "open")
  at("resolved").hidden = conversation?.status !== "resolved"
  askFirst(!conversation && !sorted.length && !outbox.waiting.length && questions().length > 0)
  read(sorted)
}

/** What messages ask for. A button that tells the website something does so only where there is a website. */
const answering = {
  choose: ({ id }, values, shown) => outbox.add(shown, [], { id, values }),
  press: window.parent === window ? null : (payload) => tellWebsite("postback", { data: { payload } }),
}

/** In place of the composer, until it is answered. */
function askFirst(isAsked) {
  const had = at("ask").contains(document.activeElement)
  shows("ask", isAsked)
  shows("composer", !isAsked)
  shows("thread", !isAsked)
  if (isAsked) ask(at("ask"), () => { draw(); area.focus() })
  else if (had) area.focus()
}

/** What stands in front of the visitor is read; the rest is counted on the bubble. */
function read(sorted) {
  const before = kept("read") ?? readElsewhere(sorted)
  const newest = sorted.filter(isTheirs).at(-1)?.id ?? 0
  const isRead = isOpen && document.visibilityState === "visible"
  if (isRead && newest > before) {
    keep("read", newest)
    talking.tellRead().catch(() => {})
  }
  tellLook(isRead ? 0 : sorted.filter((one) => isTheirs(one) && one.id > before).length)
}

function readElsewhere(sorted) {
  const until = conversation?.contact_last_seen_at ?? 0
  return sorted.filter((one) => moment(one.created_at) <= moment(until)).at(-1)?.id ?? 0
}

function look(unread) {
  const label = unread ? text("unread", { number: unread }) : text("open")
  return { colour: seen.colour, ink: seen.ink, position: seen.position, title: at("title").textContent, label, close: text("close"), unread }
}

let told = ""
function tellLook(unread) {
  const now = JSON.stringify(look(unread))
  if (now !== told && told) tellWebsite("look", { look: JSON.parse(now) })
  told = now
}

function shows(id, isShown) { at(id).hidden = !isShown }

let typingEnds
function showTyping(name) {
  clearTimeout(typingEnds)
  at("typing").textContent = name ? text("typing", { name }) : ""
  if (name) typingEnds = setTimeout(() => showTyping(""), 30_000)
}

function tellTyping(isOn) {
  if (!kept("conversation") || isOn === Boolean(typingSince)) return
  typingSince = isOn ? setTimeout(() => tellTyping(false), 10_000) : (clearTimeout(typingSince), 0)
  talking.tellTyping(isOn).catch(() => {})
}

function fit() {
  area.style.height = "auto"
  area.style.height = `${Math.min(area.scrollHeight, 140)}px`
}

function post(content, chosen = []) {
  if (!content.trim() && !chosen.length) return
  outbox.add(content, chosen)
  thread.scrollTop = thread.scrollHeight
}

at("composer").addEventListener("submit", (event) => {
  event.preventDefault()
  post(area.value)
  area.value = ""
  forget("draft")
  tellTyping(false)
  fit()
  area.focus()
})
area.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
  event.preventDefault()
  area.form.requestSubmit()
})
area.addEventListener("input", () => {
  keep("draft", area.value)
  tellTyping(Boolean(area.value))
  fit()
})
files.addEventListener("change", () => {
  post("", [...files.files])
  files.value = ""
})
takeFiles((dropped) => post("", dropped), () => !at("composer").hidden && !files.parentElement.hidden)
at("end").addEventListener("click", async () => {
  conversation = await talking.endConversation()
  draw()
})
at("popout").addEventListener("click", () => {
  window.open(location.href, "_blank", "width=420,height=700")
  tellWebsite("close")
})
at("close").addEventListener("click", () => tellWebsite("close"))
addEventListener("keydown", (event) => event.key === "Escape" && tellWebsite("close"))
document.addEventListener("visibilitychange", draw)
addEventListener("offline", () => shows("offline", true))

hearWebsite({
  "toggle-open": turn,
  "config-set": ({ settings }) => dress(settings),
  "set-user": ({ identifier, user }) => after(talking.setUser(identifier, user ?? {})),
  "set-custom-attributes": ({ customAttributes }) => after(talking.setAttributes(customAttributes ?? {})),
  "set-conversation-custom-attributes": ({ customAttributes }) => {
    talking.setConversationAttributes(customAttributes ?? {})
    warn(mark({ attributes: customAttributes ?? {} }))
  },
  "set-label": ({ label }) => warn(mark({ labels: { [label]: true } })),
  "remove-label": ({ label }) => warn(mark({ labels: { [label]: false } })),
  "set-color-scheme": ({ darkMode }) => dress({ darkMode }),
  "set-locale": ({ locale }) => speak(locale),
  reset: () => { talking.becomeNobody(); askAgain(); forget("user", "told", "about", "marks", "draft"); outbox.clear(); startAnew() },
})

function turn(said) {
  if (said.isOpen && !isOpen) tellVisit()
  isOpen = said.isOpen
  draw()
  if (!isOpen) return
  thread.scrollTop = thread.scrollHeight
  if (at("ask").hidden) area.focus()
  else at("ask").querySelector("input, select")?.focus()
}

/** Nothing depends on it: whoever cannot be told now is told at the next opening. */
function tellVisit() {
  talking.tellVisit().then(join, (error) => console.warn(`Recado: ${error.message}`))
}

function dress({ darkMode, welcomeTitle, welcomeDescription, availableMessage, unavailableMessage, ...can }) {
  if (darkMode) document.documentElement.dataset.theme = { light: "light", dark: "dark" }[darkMode] ?? ""
  if (welcomeTitle) at("title").textContent = welcomeTitle
  if (welcomeDescription) at("tagline").textContent = welcomeDescription
  shows("tagline", Boolean(at("tagline").textContent))
  if (availableMessage) at("available").textContent = availableMessage
  shows("available", Boolean(at("available").textContent) && at("away").hidden)
  if (unavailableMessage) at("away").textContent = unavailableMessage
  if (can.enableFileUpload === false) files.parentElement.hidden = true
  if (can.enableEndConversation) mayEnd = true
  shows("popout", Boolean(can.showPopoutButton) && window.parent !== window)
  draw()
}

/** The website asked for it: what is refused is told to who made it. What finds nobody waits. */
async function warn(change) {
  try {
    await change
  } catch (error) {
    if (!(error instanceof talking.Unreachable)) console.warn(`Recado: ${error.message}`)
  }
}

async function after(change) {
  const before = talking.self().source_id
  await warn(change)
  if (talking.self().source_id !== before) startAnew()
  else await refresh()
}

function startAnew() {
  messages.clear()
  conversation = null
  line.listen(null)
  refresh()
}

function speak(locale) {
  const url = new URL(location.href)
  if (url.searchParams.get("locale") === locale) return
  url.searchParams.set("locale", locale)
  location.replace(url)
}

/** A visitor whom an app remembers, or a frame. */
function adopt(source_id) {
  if (source_id && !kept("self")) keep("self", { source_id, tried: true })
}

const asked = new URLSearchParams(location.search)
answerWindows(() => talking.self().source_id)
adopt(asked.get("cw_conversation") ?? await askFrame())
seen.referer = document.referrer
document.documentElement.style.setProperty("--colour", seen.colour)
document.documentElement.style.setProperty("--on-colour", seen.ink)
shows("close", window.parent !== window)
area.value = kept("draft", "")
refresh().finally(() => {
  told = JSON.stringify(look(0))
  tellWebsite("loaded", { look: JSON.parse(told) })
  tellApp(talking.self().source_id)
  if (isOpen) tellVisit()
  draw()
})
