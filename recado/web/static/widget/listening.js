// One line to `/cable`. It says what happens; after every new connection everything is read again, so
// nothing is lost that was said meanwhile.
const SILENCE = 10_000 // milliseconds; the server says something every three seconds
const LONGEST = 30_000

export class Line {
  constructor({ onJoin, onHear, onLose }) {
    Object.assign(this, { onJoin, onHear, onLose, tries: 0, token: null })
    addEventListener("online", () => this.#dial())
    addEventListener("offline", () => this.#lose())
  }

  /** Listen as this visitor from now on. */
  listen(token) {
    if (token === this.token) return
    this.token = token
    this.#hangUp()
    if (token) this.#dial()
  }

  #dial() {
    if (!this.token || this.socket) return
    clearTimeout(this.later)
    this.identifier = JSON.stringify({ channel: "RoomChannel", pubsub_token: this.token })
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/cable`, "actioncable-v1-json")
    this.socket = socket
    socket.onmessage = (event) => socket === this.socket && this.#hear(JSON.parse(event.data))
    socket.onclose = () => socket === this.socket && this.#lose()
    this.#watch()
  }

  #hear(told) {
    this.#watch()
    if (told.type === "welcome") this.socket.send(JSON.stringify({ command: "subscribe", identifier: this.identifier }))
    else if (told.type === "confirm_subscription") this.#join()
    else if (told.message) this.onHear(told.message)
  }

  #join() {
    this.tries = 0
    this.onJoin()
  }

  #watch() {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => this.#lose(), SILENCE)
  }

  #lose() {
    this.#hangUp()
    this.onLose()
    if (!this.token) return
    const wait = Math.min(LONGEST, 1000 * 2 ** this.tries++) * (0.75 + Math.random() / 2)
    clearTimeout(this.later)
    this.later = setTimeout(() => this.#dial(), wait)
  }

  #hangUp() {
    clearTimeout(this.watchdog)
    const socket = this.socket
    this.socket = null
    socket?.close()
  }
}
