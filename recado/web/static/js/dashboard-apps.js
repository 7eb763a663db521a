// <dashboard-apps path="/app/conversations/12/app-context"> holds the tabs of a thread and their frames: pages of other
// systems. A frame is loaded when its tab is opened first, and stays; it is told which conversation this is when it has
// loaded and whenever it asks. Nobody else is told: messages go to the address that was set up, wherever a frame went.
const ASKS = "chatwoot-dashboard-app:fetch-info"

const originOf = (frame) => new URL(frame.src).origin

customElements.define("dashboard-apps", class extends HTMLElement {
  connectedCallback() {
    addEventListener("hashchange", this.#show)
    addEventListener("message", this.#hear)
    this.#show()
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.#show)
    removeEventListener("message", this.#hear)
  }

  #show = () => {
    const opened = [...this.querySelectorAll(".app-panel")].find((one) => `#${one.id}` === location.hash)
    const current = opened ? `#${opened.id}` : "#messages"
    for (const link of this.querySelectorAll("nav a")) {
      if (link.getAttribute("href") === current) link.setAttribute("aria-current", "true")
      else link.removeAttribute("aria-current")
    }
    const waiting = opened?.querySelector("template")
    if (waiting) this.#load(waiting)
  }

  #load(waiting) {
    for (const frame of waiting.content.children) frame.addEventListener("load", () => this.#tell(frame))
    waiting.replaceWith(waiting.content)
  }

  #hear = ({ data, origin, source }) => {
    const frame = [...this.querySelectorAll("iframe")].find((one) => one.contentWindow === source)
    if (frame && data === ASKS && origin === originOf(frame)) this.#tell(frame)
  }

  async #tell(frame) {
    const answer = await fetch(this.getAttribute("path")).catch(() => null)
    if (!answer?.ok) return
    const told = JSON.stringify({ event: "appContext", data: await answer.json() })
    frame.contentWindow?.postMessage(told, originOf(frame))
  }
})
