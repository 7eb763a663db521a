// The client API, as the visitor: who they are is made up here and told when there is something to tell.
import { forget, keep, kept, newSecret, seen } from "widget/keeping"
import { inTurn } from "widget/turns"

const ROOT = `/public/api/v1/inboxes/${encodeURIComponent(seen.token)}`

/** The server did not answer, or not now: the same may work later. */
export class Unreachable extends Error {}

/** The server does not want this; `status` says why. */
export class Refused extends Error {
  constructor(status, said) {
    super(said?.message ?? said?.error ?? `HTTP ${status}`)
    this.status = status
    this.fields = said?.attributes ?? []
  }
}

export async function call(method, path, body) {
  const isForm = body instanceof FormData
  const headers = body && !isForm ? { "Content-Type": "application/json" } : {}
  let answer
  try {
    answer = await fetch(ROOT + path, {
      method, headers, credentials: "omit", signal: AbortSignal.timeout(isForm ? 120_000 : 20_000),
      body: isForm || !body ? body : JSON.stringify(body),
    })
  } catch {
    throw new Unreachable("no answer")
  }
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) throw new Unreachable(String(answer.status))
  const written = await answer.text()
  const said = written && answer.headers.get("content-type")?.includes("json") ? JSON.parse(written) : null
  if (!answer.ok) throw new Refused(answer.status, said)
  return said
}

/** Who the visitor is: always a `source_id`; a `pubsub_token` once the server knows them. */
export function self() {
  const known = kept("self")
  if (known?.source_id) return known
  const made = { source_id: newSecret() }
  keep("self", made)
  return made
}

/** Somebody else, or nobody yet. */
export function becomeNobody() {
  forget("self", "conversation", "read")
}

const mine = (path = "") => `/contacts/${encodeURIComponent(self().source_id)}${path}`
export const own = (path = "") => mine(`/conversations/${kept("conversation")}${path}`)

async function orNull(promise) {
  try {
    return await promise
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null
    throw error
  }
}

/** Whether the server knows the visitor, whom an app, another window or a lost answer may have told of. */
async function isKnown() {
  const me = self()
  if (me.pubsub_token) return true
  const found = me.tried ? await orNull(call("GET", mine())) : null
  if (found) learn(found)
  return Boolean(found)
}

/** Become known, once: an answer that was lost on the way is found again by the `source_id`. */
async function introduce() {
  if (await isKnown()) return
  const me = self()
  keep("self", { ...me, tried: true })
  const tell = () => call("POST", "/contacts", { ...about(), source_id: me.source_id })
  learn(await tell().catch((error) => {
    if (!(error instanceof Refused) || error.fields.length || !kept("user")?.identifier) throw error
    console.warn(`Recado: ${error.message}`)
    claimNothing() // a proof that is wrong or missing is no reason to be silent: the visitor writes as a stranger
    return tell()
  }))
}

function claimNothing() {
  const { identifier, ...said } = kept("user")
  keep("user", { ...said, user: { ...said.user, identifier_hash: "" } })
}

function learn({ pubsub_token }) {
  keep("self", { ...self(), pubsub_token, identifier: kept("user")?.identifier })
}

function about() {
  const { identifier, user = {}, attributes } = kept("user", {})
  const { name, email, phone_number, avatar_url, identifier_hash } = user
  const given = { identifier, name, email, phone_number, avatar_url, identifier_hash }
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value))
  return attributes ? { ...told, custom_attributes: attributes } : told
}

/** Who the website says the visitor is; a different one starts anew. A proof is told at once. */
export async function setUser(identifier, user) {
  const before = kept("user", {})
  if (before.identifier && before.identifier !== identifier) becomeNobody()
  keep("user", { ...before, identifier, user })
  await tellUser()
}

export async function setAttributes(attributes) {
  const before = kept("user", {})
  keep("user", { ...before, attributes: { ...before.attributes, ...attributes } })
  await tellUser()
}

/** Of the conversation that is started next. */
export function setConversationAttributes(attributes) {
  keep("about", { ...kept("about", {}), ...attributes })
}

/** What the visitor answered before the chat. The server hears it at once, so that it can refuse. */
export async function tellAsked({ user, attributes, about: said }) {
  const before = kept("user", {})
  keep("user", { ...before, user: { ...before.user, ...user }, attributes: { ...before.attributes, ...attributes } })
  setConversationAttributes(said)
  try {
    if (self().pubsub_token) await tellUser()
    else await introduce()
  } catch (error) {
    if (error instanceof Refused) keep("user", before)
    throw error
  }
}

const tellUser = inTurn(async () => {
  const isProven = Boolean(kept("user")?.user?.identifier_hash)
  if (!self().pubsub_token) {
    if (isProven) await introduce()
    return
  }
  const told = JSON.stringify(about())
  if (kept("told") === told) return
  try {
    await call("PATCH", mine(), about())
  } catch (error) {
    if (!(error instanceof Refused) || !isProven) throw error
    becomeNobody() // the contact was known under this name before: be that one
    await introduce()
  }
  keep("told", told)
})

/** The visitor's conversation with its messages, the one of the latest activity; null: none yet. */
export async function readConversation() {
  if (!(await isKnown())) return null
  if (!kept("conversation")) return remember((await call("GET", mine("/conversations")))[0])
  const found = await orNull(call("GET", own()))
  if (found) return found
  forget("conversation")
  if (await orNull(call("GET", mine()))) return remember((await call("GET", mine("/conversations")))[0])
  becomeNobody()
  return null
}

function remember(conversation) {
  if (conversation) keep("conversation", conversation.id)
  return conversation ?? null
}

/** Write; the conversation is started if there is none. A repeated `echo_id` writes nothing twice. */
export async function write({ echo_id, content, answer, files = [] }, onStart) {
  await introduce()
  if (answer) return await call("PATCH", own(`/messages/${answer.id}`), { submitted_values: answer.values })
  if (!kept("conversation") && !(await readConversation())) {
    remember(await call("POST", mine("/conversations"), { custom_attributes: kept("about", {}), additional_attributes: circumstances() }))
    onStart()
  }
  return await call("POST", own("/messages"), files.length ? formOf({ echo_id, content, files }) : { echo_id, content })
}

function formOf({ echo_id, content, files }) {
  const form = new FormData()
  form.set("echo_id", echo_id)
  form.set("content", content)
  for (const file of files) form.append("attachments[]", file)
  return form
}

/** The visitor opens the chat: told where somebody listens to it, and only then are they introduced. */
export async function tellVisit() {
  if (!seen.tells_visits) return
  await introduce()
  const event_info = { ...circumstances(), widget_language: seen.language }
  await call("POST", mine("/events"), { name: "webwidget.triggered", event_info })
}

function circumstances() {
  return {
    browser_language: navigator.language, referer: seen.referer ?? "",
    initiated_at: { timestamp: new Date().toString() },
    browser: { browser_name: navigator.userAgentData?.brands?.at(-1)?.brand ?? "", platform_name: navigator.userAgentData?.platform ?? "", device_name: navigator.userAgent },
  }
}

export const endConversation = () => call("POST", own("/toggle_status"))
export const tellRead = () => call("POST", own("/update_last_seen"))
export const tellTyping = (isOn) => call("POST", own("/toggle_typing"), { typing_status: isOn ? "on" : "off" })
