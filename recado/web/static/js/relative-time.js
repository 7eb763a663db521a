// <relative-time><time datetime="…">exact</time></relative-time>: "há 3 min", the exact local time on
// hover, brought up to date while the page is open. format="exact" shows the local time itself,
// format="until" "until" it, to the minute, format="countdown" the time that is left, every second. The words of the first are the page's: the first use of Intl
// takes as long as everything else that a page does before it is painted.
import { text } from "texts"

const UNITS = [["year", "years", 31557600], ["month", "months", 2629800], ["day", "days", 86400], ["h", "h", 3600], ["min", "min", 60], ["s", "s", 1]]
const formats = new Map() // making one costs a hundred times what writing a time with it does
const all = new Set()
let clock = null
let seconds = 0

function tick() {
  all.forEach((one) => one.show())
}

// Countdowns every second, the others every half minute.
function beat() {
  seconds += 1
  if (seconds % 30 === 0) tick()
  else all.forEach((one) => one.getAttribute("format") === "countdown" && one.show())
}

// What the server sends again holds the exact time, and morphing puts it in place of ours.
document.addEventListener("htmx:after:swap", tick)
document.addEventListener("pointerover", ({ target }) => target.closest?.("relative-time")?.explain())

customElements.define("relative-time", class extends HTMLElement {
  connectedCallback() {
    this.time = this.querySelector("time")
    all.add(this)
    clock ??= setInterval(beat, 1000)
    this.show()
  }

  disconnectedCallback() {
    all.delete(this)
    if (!all.size) clock = clearInterval(clock) ?? null
  }

  show() {
    const moment = new Date(this.time?.dateTime)
    if (Number.isNaN(moment.valueOf())) return
    const kind = this.getAttribute("format")
    const shown = kind === "exact" ? exact(moment) : kind === "countdown" ? remaining(moment) : kind === "until" ? until(moment) : relative(moment)
    if (this.time.textContent !== shown) this.time.textContent = shown // most are what they were: nothing is laid out anew
    if (this.isExplained) this.explain() // morphing took it away
  }

  explain() {
    this.isExplained = true
    const moment = new Date(this.time?.dateTime)
    if (!Number.isNaN(moment.valueOf())) this.time.title = exact(moment)
  }
})

function format(kind, options) {
  const language = document.documentElement.lang
  const name = [kind, language, ...Object.values(options)].join()
  if (!formats.has(name)) formats.set(name, new Intl[kind](language, options))
  return formats.get(name)
}

function exact(moment) {
  return format("DateTimeFormat", { dateStyle: "medium", timeStyle: "medium" }).format(moment)
}

function until(moment) {
  return text("until", { time: format("DateTimeFormat", { dateStyle: "medium", timeStyle: "short" }).format(moment) })
}

function relative(moment) {
  const seconds = (moment - Date.now()) / 1000
  if (Math.abs(seconds) < 30) return text("now")
  const [one, many, size] = UNITS.find(([, , size]) => Math.abs(seconds) >= size)
  const number = Math.trunc(Math.abs(seconds) / size)
  return text(seconds < 0 ? "ago" : "ahead", { long: `${number} ${text(number === 1 ? one : many)}` })
}

function remaining(moment) {
  const left = Math.round((moment - Date.now()) / 1000)
  if (left <= 0) return text("now") // its time has come
  const stretches = [["day", Math.floor(left / 86400)], ["hour", Math.floor(left / 3600) % 24], ["minute", Math.floor(left / 60) % 60], ["second", left % 60]]
  const first = stretches.findIndex(([, number]) => number)
  const shown = stretches.slice(first, first + 2).filter(([, number]) => number)
  return shown.map(([unit, number]) => format("NumberFormat", { style: "unit", unit, unitDisplay: "short" }).format(number)).join(" ")
}
