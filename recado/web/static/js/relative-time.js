// <relative-time><time datetime="…">exact</time></relative-time>: "há 3 min", the exact local time on
// hover, brought up to date while the page is open. format="exact" shows the local time itself,
// format="countdown" the time that is left, every second.
const UNITS = [["year", 31557600], ["month", 2629800], ["day", 86400], ["hour", 3600], ["minute", 60]]
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
    const exact = format("DateTimeFormat", { dateStyle: "medium", timeStyle: "medium" }).format(moment)
    const kind = this.getAttribute("format")
    const shown = kind === "exact" ? exact : kind === "countdown" ? remaining(moment) : relative(moment)
    if (this.time.title !== exact) this.time.title = exact
    if (this.time.textContent !== shown) this.time.textContent = shown // most are what they were: nothing is laid out anew
  }
})

function format(kind, options) {
  const language = document.documentElement.lang
  const name = [kind, language, ...Object.values(options)].join()
  if (!formats.has(name)) formats.set(name, new Intl[kind](language, options))
  return formats.get(name)
}

function relative(moment) {
  const seconds = (moment - Date.now()) / 1000
  const short = format("RelativeTimeFormat", { numeric: "auto", style: "short" })
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1]
  if (unit === "second" && Math.abs(seconds) < 30) return short.format(0, "second")
  return short.format(Math.trunc(seconds / size), unit)
}

function remaining(moment) {
  const left = Math.round((moment - Date.now()) / 1000)
  if (left <= 0) return format("RelativeTimeFormat", { numeric: "auto" }).format(0, "second") // its time has come
  const stretches = [["day", Math.floor(left / 86400)], ["hour", Math.floor(left / 3600) % 24], ["minute", Math.floor(left / 60) % 60], ["second", left % 60]]
  const first = stretches.findIndex(([, number]) => number)
  const shown = stretches.slice(first, first + 2).filter(([, number]) => number)
  return shown.map(([unit, number]) => format("NumberFormat", { style: "unit", unit, unitDisplay: "short" }).format(number)).join(" ")
}
