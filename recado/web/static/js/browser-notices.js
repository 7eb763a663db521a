// <browser-notices user="5">: a notification of the browser for what happens to this person while no tab of Recado
// is on the screen, and a sound if they want one, unless they look at what it is about. Asks for nothing:
// <browser-permission> does, by a button, and <sound-choice>.
import { whenIdle } from "idle"

const VISIBLE = "recado visible" // a lock that every tab on the screen shares

export const isAllowed = () => globalThis.Notification?.permission === "granted"

customElements.define("browser-notices", class extends HTMLElement {
  connectedCallback() {
    this.shown = new Set()
    document.addEventListener("recado:changed", this.#hear)
    document.addEventListener("visibilitychange", this.#show)
    whenIdle(this.#begin)
  }

  disconnectedCallback() {
    document.removeEventListener("recado:changed", this.#hear)
    document.removeEventListener("visibilitychange", this.#show)
    this.release?.()
  }

  #begin = () => {
    if (!this.isConnected) return
    this.#show()
    if (this.#isWanted) this.#ask() // what is known already is no news
  }

  #show = () => {
    this.release?.()
    this.release = null
    if (document.hidden) return
    navigator.locks?.request(VISIBLE, { mode: "shared" }, () => new Promise((resolve) => { this.release = resolve }))
  }

  get #isWanted() { return isAllowed() || this.#isLoud }

  get #isLoud() { return localStorage.getItem(`sound ${this.getAttribute("user")}`) === "on" } // see <sound-choice>

  #hear = async ({ detail: { names } }) => {
    const isMeant = names.includes(`notification:${this.getAttribute("user")}`) || names.includes("everything")
    if (!isMeant || !this.#isWanted) return
    const news = await this.#ask()
    this.#sound(news)
    if (!isAllowed() || !document.hidden || await this.#isSeenElsewhere()) return
    for (const one of news) this.#tell(one)
  }

  // All tabs of the browser hear of it; one plays.
  async #sound(news) {
    const isLookedAt = ({ path }) => !document.hidden && new URL(path, location).pathname === location.pathname
    if (!this.#isLoud || news.every(isLookedAt)) return
    const { play } = await import("news_sound")
    if (!navigator.locks) return play()
    return navigator.locks.request(`recado sound ${news[0].key}`, { ifAvailable: true }, (lock) => {
      if (!lock) return undefined
      play()
      return new Promise((resolve) => { setTimeout(resolve, 3000) })
    })
  }

  async #isSeenElsewhere() {
    const locks = await navigator.locks?.query()
    return Boolean(locks?.held.some((lock) => lock.name === VISIBLE))
  }

  async #ask() {
    const answer = await fetch("/app/notifications/fresh").catch(() => null)
    const found = answer?.ok ? (await answer.json()).notifications : []
    const news = found.filter(({ key }) => !this.shown.has(key))
    for (const { key } of news) this.shown.add(key)
    return news
  }

  #tell({ key, title, text, opens }) {
    const notice = new Notification(title, { body: text, tag: key, icon: document.querySelector('link[rel="icon"]').href })
    notice.addEventListener("click", () => {
      window.focus()
      location.assign(opens) // leads there, and it is read
      notice.close()
    })
  }
})
