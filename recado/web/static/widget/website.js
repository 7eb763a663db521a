// Messages to and from the website around the frame, or the app around the page. The website learns that
// something was said, never what: it may be anybody's.
const PREFIX = "chatwoot-widget:"
const isFramed = window.parent !== window

export function tellWebsite(event, values = {}) {
  if (isFramed) window.parent.postMessage(PREFIX + JSON.stringify({ event, ...values }), "*")
}

/** An app keeps the visitor's secret for them: its web view may lose what it stored. */
export function tellApp(authToken) {
  const told = PREFIX + JSON.stringify({ event: "loaded", config: { authToken } })
  window.ReactNativeWebView?.postMessage(told)
}

/** `hear[event](values)` for each message of the website. */
export function hearWebsite(hear) {
  addEventListener("message", (event) => {
    const isTheirs = isFramed ? event.source === window.parent : Boolean(window.ReactNativeWebView)
    if (!isTheirs || typeof event.data !== "string" || !event.data.startsWith(PREFIX)) return
    const told = JSON.parse(event.data.slice(PREFIX.length))
    if (Object.hasOwn(hear, told.event)) hear[told.event](told)
  })
}
