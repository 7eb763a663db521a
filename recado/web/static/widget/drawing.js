// The thread, drawn from what is known. Texts of people are only ever text; a link is made where one stands.
import { answerOf, drawAsked } from "widget/choosing"
import { seen, text } from "widget/keeping"

const LINK = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g
const clock = new Intl.DateTimeFormat(seen.language, { hour: "2-digit", minute: "2-digit" })
const dayAndClock = new Intl.DateTimeFormat(seen.language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" })

export const moment = (written) => new Date(typeof written === "number" ? written * 1000 : written)
export const isTheirs = (message) => message.message_type !== 0

/** An element with these properties and children. */
export function make(tag, values = {}, ...children) {
  const { role, label, ...own } = values
  const made = Object.assign(document.createElement(tag), own)
  if (role) made.setAttribute("role", role)
  if (label) made.setAttribute("aria-label", label)
  made.append(...children)
  return made
}

/** The thread as it should stand; rows that are there stay, so screen readers hear only what is new. */
export function drawThread(list, messages, outbox, doing) {
  const rows = new Map([...list.children].map((row) => [row.dataset.key, row]))
  const { waiting } = outbox
  const drawOne = (one) => [`w${one.echo_id}`, String(one.isRefused), () => drawWaiting(one, outbox)]
  const wanted = [
    ...messages.flatMap((one) => {
      const answers = waiting.filter(({ answer }) => answer?.id === one.id)
      const said = answers.length ? "" : answerOf(one)
      const isAnswered = Boolean(said || answers.length)
      const row = [`m${one.id}`, signature(one) + isAnswered, () => drawMessage(one, isAnswered, doing)]
      return [row, ...(said ? [[`a${one.id}`, said, () => drawAnswer(said)]] : []), ...answers.map(drawOne)]
    }),
    ...waiting.filter((one) => !messages.some(({ id }) => one.answer?.id === id)).map(drawOne),
  ]
  const hadFocus = list !== document.activeElement && list.contains(document.activeElement)
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80
  for (const [key] of rows) if (!wanted.some(([other]) => other === key)) rows.get(key).remove()
  wanted.forEach(([key, sign, draw], place) => {
    let row = rows.get(key)
    if (row?.dataset.sign !== sign) {
      const fresh = Object.assign(draw(), {})
      Object.assign(fresh.dataset, { key, sign })
      row?.replaceWith(fresh)
      row = fresh
    }
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null)
  })
  if (hadFocus && !list.contains(document.activeElement)) list.focus() // what was pressed is gone
  if (isAtEnd) list.scrollTop = list.scrollHeight
}

const signature = (one) => JSON.stringify([one.content, one.attachments?.length ?? 0, one.content_attributes ?? {}, one.sender?.thumbnail ?? ""])

function drawMessage(message, isAnswered, doing) {
  const name = isTheirs(message) ? message.sender?.name || text("team") : text("you")
  const row = make("li", { className: isTheirs(message) ? "theirs" : "mine" })
  row.append(make("p", { className: "who" }, ...face(message.sender), name))
  if (message.content) row.append(make("p", { className: "bubble" }, ...linked(message.content)))
  const files = message.attachments ?? []
  if (files.length) row.append(make("ul", { className: "files" }, ...files.map(drawFile)))
  if (isTheirs(message)) row.append(...drawAsked(message, isAnswered, doing))
  row.append(drawTime(moment(message.created_at)))
  return row
}

function drawAnswer(said) {
  const who = make("p", { className: "who", textContent: text("you") })
  return make("li", { className: "mine" }, who, make("p", { className: "bubble", textContent: said }))
}

function face(sender) {
  if (!sender?.thumbnail || sender.type !== "user") return []
  return [make("img", { className: "face", src: new URL(sender.thumbnail, location.href).pathname, alt: "" })] // of our own server
}

function drawTime(at) {
  const isToday = at.toDateString() === new Date().toDateString()
  return make("time", { dateTime: at.toISOString(), textContent: (isToday ? clock : dayAndClock).format(at) })
}

function drawFile(file) {
  const path = new URL(file.data_url, location.href).pathname // always of our own server
  const name = decodeURIComponent(path.split("/").pop() || text("file"))
  const shown = file.file_type === "image" ? make("img", { src: path, alt: name, loading: "lazy" }) : name
  return make("li", {}, make("a", { href: path, target: "_blank", rel: "noopener" }, shown))
}

function drawWaiting(entry, outbox) {
  const row = make("li", { className: `mine waiting${entry.isRefused ? " refused" : ""}` })
  row.append(make("p", { className: "who", textContent: text("you") }))
  if (entry.content) row.append(make("p", { className: "bubble" }, ...linked(entry.content)))
  for (const file of entry.files ?? []) row.append(make("p", { className: "bubble", textContent: file.name }))
  row.append(entry.isRefused ? drawRefused(entry, outbox) : make("p", { className: "state", textContent: text("waiting") }))
  return row
}

function drawRefused(entry, outbox) {
  const again = make("button", { type: "button", textContent: text("again"), onclick: () => outbox.again(entry.echo_id) })
  const drop = make("button", { type: "button", textContent: text("drop"), onclick: () => outbox.drop(entry.echo_id) })
  if (entry.refusal) return make("p", { className: "state" }, `${text(entry.refusal)} `, drop)
  return make("p", { className: "state" }, `${text("failed")} `, again, " ", drop)
}

function linked(content) {
  const parts = []
  let end = 0
  for (const found of content.matchAll(LINK)) {
    parts.push(content.slice(end, found.index))
    parts.push(make("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow", textContent: found[0] }))
    end = found.index + found[0].length
  }
  return [...parts, content.slice(end)]
}
