// <live-updates src="/app/live" who="3@1">: one event stream for all tabs of this browser that one person has open in one account
// (a tab holds it under a lock and passes the news on; HTTP/1.1 allows six connections to a host). Each event "changed" names what changed: "conversation:12 conversations",
// or "everything". Elements with data-live="conversation:12" get the event recado:refresh (hx-trigger="recado:refresh"; when, says
// live_parts.js), the document gets recado:changed with detail.names. Who types comes as "typing" and goes to it as recado:typing.
import { areLive } from "htmx_parts"
import { LiveParts } from "live_parts"

customElements.define("live-updates", class extends HTMLElement {
  connectedCallback() {
    const source = this.getAttribute("src")
    this.end = new AbortController()
    this.parts = new LiveParts()
    const name = `live-updates ${source} ${this.getAttribute("who")}`
    this.channel = new BroadcastChannel(name)
    this.channel.onmessage = ({ data }) => this.#hear(data)
    this.#hearOthers("addEventListener")
    const hold = () => areLive.then(() => this.#hold(source)) // news for a part that is not live yet would be lost
    ;(navigator.locks?.request(name, { signal: this.end.signal }, hold) ?? hold()).catch(() => {})
  }

  disconnectedCallback() {
    this.#hearOthers("removeEventListener")
    this.end.abort()
    this.release?.()
    this.stream?.close()
    this.channel.close()
  }

  #hearOthers(how) {
    window[how]("offline", this.#cut)
    window[how]("online", this.#mend)
    this.parts.listen(how)
  }

  #hold(source) {
    if (!this.isConnected) return undefined
    this.#listen(source)
    return new Promise((resolve) => { this.release = resolve })
  }

  #listen(source) {
    this.stream = new EventSource(`${source}?drawn=${this.getAttribute("drawn")}`) // what was news before stands on the page
    this.stream.addEventListener("changed", ({ data }) => this.#tell({ names: data.trim().split(/\s+/) }))
    this.stream.addEventListener("pace", ({ data }) => this.#tell({ pace: Number(data) }))
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

  #tell(said) {
    this.channel.postMessage(said)
    this.#hear(said)
  }

  #hear({ names, lost, typing, pace }) {
    if (pace !== undefined) return this.parts.takeTurns(pace)
    if (typing) return document.dispatchEvent(new CustomEvent("recado:typing", { detail: typing }))
    if (lost !== undefined) this.#mark(lost)
    const news = names ?? (lost ? [] : ["everything"])
    if (names) document.dispatchEvent(new CustomEvent("recado:changed", { detail: { names } }))
    if (news.length) this.parts.hear(news)
  }

  // A short pause is no news: the banner waits three seconds. After it, everything live is asked again.
  #mark(lost) {
    this.lost = lost
    clearTimeout(this.wait)
    const banner = this.querySelector(".offline")
    if (lost) this.wait = setTimeout(() => { banner.hidden = false }, 3000)
    else banner.hidden = true
  }
})
