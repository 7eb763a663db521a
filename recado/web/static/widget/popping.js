// A window of its own goes on with the conversation of the frame it was opened beside. Browsers keep the storage
// of a frame apart from that of a window; both are of our origin, so the one asks the other, past the website.
const ASK = "recado: who is it?"

/** Tell windows of our own origin who the visitor is. */
export function answerWindows(who) {
  addEventListener("message", (event) => {
    if (event.origin === location.origin && event.data === ASK) event.source.postMessage({ [ASK]: who() }, location.origin)
  })
}

/** Who the visitor is in the frame beside which this window was opened; null: there is none. */
export function askFrame() {
  if (window.parent !== window || !window.opener) return null
  return new Promise((resolve) => {
    addEventListener("message", (event) => {
      if (event.origin === location.origin && event.data?.[ASK]) resolve(event.data[ASK])
    })
    const beside = Array.from({ length: window.opener.length }, (_, place) => window.opener[place])
    for (const frame of [window.opener, ...beside]) frame.postMessage(ASK, "*")
    setTimeout(resolve, 1000, null) // an older frame
  })
}
