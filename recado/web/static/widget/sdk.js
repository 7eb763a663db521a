// The website's part of the chat: a bubble, and a frame of Recado's own origin. The website cannot read
// the frame, nor the frame the website; they exchange short messages with a fixed prefix.
(function () {
  "use strict"
  const PREFIX = "chatwoot-widget:"
  const ID = "chatwoot_live_chat_widget"
  const SHEET = `
    :host { all: initial; }
    button { position: fixed; inset-block-end: 20px; z-index: 2147483000; min-inline-size: 60px; block-size: 60px;
      display: inline-flex; gap: 10px; align-items: center; justify-content: center; padding: 0 17px; border: 0; border-radius: 30px;
      background: var(--colour); color: var(--ink); font: 600 16px/1 system-ui, sans-serif; cursor: pointer;
      box-shadow: 0 2px 6px #0003, 0 8px 28px #0003; }
    button[hidden] { display: none; }
    button.right { right: 20px; } button.left { left: 20px; }
    button:focus-visible { outline: 3px solid var(--colour); outline-offset: 3px; }
    svg { inline-size: 26px; block-size: 26px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    b { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-inline-size: 22px; padding: 4px 6px; box-sizing: border-box;
      border-radius: 11px; background: #b3261e; color: #fff; font: 700 13px/14px system-ui, sans-serif; text-align: center; }
    b:empty { display: none; }
    @media (max-width: 480px) { button.is-open { display: none; } }
    @media print { button { display: none; } }`
  const CHAT = "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z"
  const CROSS = "M6 6l12 12M18 6L6 18"
  const SETTINGS = ["darkMode", "welcomeTitle", "welcomeDescription", "availableMessage", "unavailableMessage", "enableFileUpload", "enableEndConversation", "showPopoutButton"]
  const settings = window.chatwootSettings || {}

  function run({ websiteToken, baseUrl }) {
    if (document.getElementById(ID)) return
    const base = (baseUrl || "").replace(/\/+$/, "")
    const origin = new URL(base || location.href, location.href).origin
    const waiting = []
    let look = null, opener = null, isShown = !settings.hideMessageBubble
    const frame = draw()
    const bubble = drawBubble()

    window.$chatwoot = {
      baseUrl: base, isOpen: false, hasLoaded: false,
      toggle: (wanted) => turn(wanted ? wanted === "open" : !window.$chatwoot.isOpen),
      toggleBubbleVisibility: (wanted) => { isShown = wanted !== "hide"; dress() },
      setUser: (identifier, user) => {
        if (typeof identifier !== "string" && typeof identifier !== "number") throw new Error("setUser needs an identifier")
        tell("set-user", { identifier: String(identifier), user: user || {} })
      },
      setCustomAttributes: (customAttributes) => tell("set-custom-attributes", { customAttributes }),
      setConversationCustomAttributes: (customAttributes) => tell("set-conversation-custom-attributes", { customAttributes }),
      deleteCustomAttribute: (name) => tell("set-custom-attributes", { customAttributes: { [name]: null } }),
      deleteConversationCustomAttribute: (name) => tell("set-conversation-custom-attributes", { customAttributes: { [name]: null } }),
      setLabel: (label) => tell("set-label", { label }),
      removeLabel: (label) => tell("remove-label", { label }),
      setLocale: (locale) => tell("set-locale", { locale }),
      setColorScheme: (darkMode) => tell("set-color-scheme", { darkMode }),
      popoutChatWindow: () => window.open(address(), "_blank", "width=420,height=700"),
      reset: () => { turn(false); tell("reset", {}) },
    }

    window.addEventListener("message", hear)
    document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", stand) : stand()

    function stand() {
      document.body.append(frame, bubble.host)
      setTimeout(() => look || shout("error"), 20000)
    }

    function address() {
      const locale = settings.useBrowserLanguage ? "" : settings.locale
      const url = `${base}/widget?website_token=${encodeURIComponent(websiteToken)}`
      return locale ? `${url}&locale=${encodeURIComponent(locale)}` : url
    }

    function draw() {
      const made = document.createElement("iframe")
      Object.assign(made, { id: ID, src: address(), title: "Chat", allow: "clipboard-write" })
      made.style.cssText = "position:fixed;z-index:2147483000;border:0;display:none;color-scheme:normal"
      return made
    }

    function drawBubble() {
      const host = document.createElement("div")
      const root = host.attachShadow({ mode: "open" })
      const sheet = new CSSStyleSheet()
      sheet.replaceSync(SHEET)
      root.adoptedStyleSheets = [sheet]
      root.innerHTML = '<button type="button" hidden><svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg><span></span><b aria-hidden="true"></b></button>'
      const button = root.querySelector("button")
      button.addEventListener("click", () => window.$chatwoot.toggle())
      return { host, button, path: root.querySelector("path"), title: root.querySelector("span"), count: root.querySelector("b") }
    }

    function turn(isOpen) {
      const chat = window.$chatwoot
      if (chat.isOpen === isOpen) return
      chat.isOpen = isOpen
      if (isOpen) opener = document.activeElement
      dress()
      tell("toggle-open", { isOpen })
      if (isOpen) frame.focus()
      else (isShown ? bubble.button : opener || bubble.button).focus()
      shout(isOpen ? "opened" : "closed")
    }

    function dress() {
      if (!look) return
      const { isOpen } = window.$chatwoot
      const side = settings.position || look.position
      const { button, path, title, count } = bubble
      button.hidden = !isShown
      button.className = `${side === "left" ? "left" : "right"}${isOpen ? " is-open" : ""}`
      button.style.setProperty("--colour", look.colour)
      button.style.setProperty("--ink", look.ink)
      button.setAttribute("aria-expanded", String(isOpen))
      button.setAttribute("aria-label", isOpen ? look.close : look.label)
      path.setAttribute("d", isOpen ? CROSS : CHAT)
      title.textContent = settings.type === "expanded_bubble" && !isOpen ? settings.launcherTitle || look.title : ""
      title.hidden = !title.textContent
      count.textContent = look.unread && !isOpen ? (look.unread > 9 ? "9+" : look.unread) : ""
      frame.title = look.title
      placeFrame(side, isOpen)
    }

    function placeFrame(side, isOpen) {
      const isSmall = matchMedia("(max-width: 480px)").matches
      Object.assign(frame.style, { display: isOpen ? "block" : "none", inset: "auto" }, isSmall
        ? { inset: "0", width: "100%", height: "100%", borderRadius: "0", boxShadow: "none" }
        : { bottom: "96px", [side === "left" ? "left" : "right"]: "20px", width: "min(400px, calc(100vw - 40px))",
            height: "min(660px, calc(100vh - 116px))", borderRadius: "16px", boxShadow: "0 2px 8px #0002, 0 16px 48px #0004" })
    }

    function hear(event) {
      if (event.source !== frame.contentWindow || event.origin !== origin) return
      if (typeof event.data !== "string" || !event.data.startsWith(PREFIX)) return
      const told = JSON.parse(event.data.slice(PREFIX.length))
      if (told.event === "loaded") begin(told.look)
      else if (told.event === "ask-kept") send(PREFIX + JSON.stringify({ event: "kept", values: kept() }))
      else if (told.event === "keep") keep(told.name, told.value)
      else if (told.event === "look") { look = told.look; dress() }
      else if (told.event === "close") turn(false)
      else if (told.event === "postback") shout("postback", { event: "postback", data: told.data })
      else if (told.event === "on-message" || told.event === "on-start-conversation") shout(told.event, told.data)
    }

    // Some browsers give a frame of another site no storage; the website's own then holds the visitor's place.
    function kept() {
      try { return JSON.parse(localStorage.getItem(`recado ${websiteToken}`)) || {} } catch { return {} }
    }

    function keep(name, value) {
      const values = Object.assign(kept(), { [name]: value })
      if (value === null) delete values[name]
      try { localStorage.setItem(`recado ${websiteToken}`, JSON.stringify(values)) } catch { /* not here either */ }
    }

    function begin(told) {
      const isFirst = !look
      look = told
      dress()
      tell("config-set", { settings: pick(settings, SETTINGS) })
      while (waiting.length) send(waiting.shift())
      tell("toggle-open", { isOpen: window.$chatwoot.isOpen })
      window.$chatwoot.hasLoaded = true
      if (isFirst) shout("ready")
    }

    function tell(event, values) {
      const told = PREFIX + JSON.stringify(Object.assign({ event }, values))
      look ? send(told) : waiting.push(told)
    }

    function send(told) { frame.contentWindow.postMessage(told, origin) }
    window.addEventListener("resize", dress)
  }

  function pick(from, names) {
    return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]))
  }

  function shout(name, detail) { window.dispatchEvent(new CustomEvent(`chatwoot:${name}`, { detail })) }

  window.chatwootSDK = { run }
})()
