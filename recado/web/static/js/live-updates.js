// <live-updates src="/app/live">: one event stream for all tabs of this browser (a tab holds it under a
// lock and passes the news on; HTTP/1.1 allows six connections to a host). Each event "changed" names
// what changed: "conversation:12 conversations", or "everything". Elements with data-live="conversation:12" get the event
// recado:refresh (hx-trigger="recado:refresh"), the document gets recado:changed with detail.names. Who types
// comes as an event "typing" and goes to the document as recado:typing.
customElements.define("live-updates", class extends HTMLElement {
  connectedCallback() {
    const source = this.getAttribute("src")
    this.end = new AbortController()
    this.again = new Map()
    this.channel = new BroadcastChannel(`live-updates ${source}`)
    this.channel.onmessage = ({ data }) => this.#hear(data)
    addEventListener("offline", this.#cut)
    addEventListener("online", this.#mend)
    if (!navigator.locks) return this.#listen(source)
    navigator.locks.request(`live-updates ${source}`, { signal: this.end.signal }, () => this.#hold(source)).catch(() => {})
  }

  disconnectedCallback() {
    removeEventListener("offline", this.#cut)
    removeEventListener("online", this.#mend)
    this.end.abort()
    this.release?.()
    this.stream?.close()
    this.channel.close()
  }

  #hold(source) {
    if (!this.isConnected) return undefined
    this.#listen(source)
    return new Promise((resolve) => { this.release = resolve })
  }

  #listen(source) {
    this.stream = new EventSource(source)
    this.stream.addEventListener("changed", ({ data }) => this.#tell({ names: data.trim().split(/\s+/) }))
    this.stream.addEventListener("typing", ({ data }) => this.#tell({ typing: JSON.parse(data) }))
    this.stream.addEventListener("open", () => this.lost && this.#tell({ lost: false }))
    this.stream.addEventListener("error", () => {
      this.#tell({ lost: true })
      if (this.stream.readyState === EventSource.CLOSED) setTimeout(() => this.isConnected && this.#listen(source), 5000)
    })
  }

  // The browser knows at once that the network is gone; the stream may believe in it for minutes.
  #cut = () => {
    if (!this.stream) return
    this.stream.close()
    this.#tell({ lost: true })
  }

  #mend = () => { if (this.stream) this.#listen(this.getAttribute("src")) }

  #tell(news) {
    this.channel.postMessage(news)
    this.#hear(news)
  }

  #hear({ names, lost, typing }) {
    if (typing) return document.dispatchEvent(new CustomEvent("recado:typing", { detail: typing }))
    if (lost !== undefined) this.#mark(lost)
    if (names) document.dispatchEvent(new CustomEvent("recado:changed", { detail: { names } }))
    for (const part of document.querySelectorAll("[data-live]")) {
      const isMeant = names ? names.includes("everything") || part.dataset.live.split(/\s+/).some((name) => names.includes(name)) : lost === false
      if (isMeant) this.#refresh(part)
    }
  }

  // A part that is being drawn anew just then was asked before the news: what stands in its place looks once more,
  // if it is live too. One that has just been put there does not listen yet: it looks as soon as it does.
  #refresh(part) {
    look(part)
    if (!part.id) return
    clearTimeout(this.again.get(part.id))
    this.again.set(part.id, setTimeout(() => {
      const now = document.getElementById(part.id)
      if (now !== part && now?.dataset.live) look(now)
    }, 1500))
  }

  // A short pause is no news: the banner waits three seconds. After it, everything live is asked again.
  #mark(lost) {
    this.lost = lost
    clearTimeout(this.wait)
    const banner = this.querySelector(".offline")
    if (!banner) return
    if (lost) this.wait = setTimeout(() => { banner.hidden = false }, 3000)
    else banner.hidden = true
  }
})

function look(part) {
  const ask = () => part.dispatchEvent(new CustomEvent("recado:refresh"))
  if (part.hasAttribute("data-htmx-powered")) ask()
  else part.addEventListener("htmx:after:init", ask, { once: true })
}
