// <stay-at-end> is a scrolling list of messages: it opens at its end and stays there when something is
// added, unless the reader has scrolled up: then what they read stays where it is. at="message-7" is where it opens
// instead; `short`: more follows than is shown, so its end is no place to stay at. A picture in it that cannot be drawn
// is marked, and stands as its name.
customElements.define("stay-at-end", class extends HTMLElement {
  connectedCallback() {
    const place = document.getElementById(this.getAttribute("at"))
    this.isAtEnd = !place && !this.hasAttribute("short")
    this.watch = new MutationObserver(() => { this.#mark(); this.isAtEnd ? this.#end() : this.#hold() })
    this.watch.observe(this, { childList: true, subtree: true })
    this.resize = new ResizeObserver(() => this.isAtEnd && this.#end()) // the composer below grows
    this.resize.observe(this)
    this.addEventListener("scroll", this.#look)
    this.addEventListener("error", this.#mark, true)
    this.#mark()
    if (this.isAtEnd) this.#end()
    else if (place) this.scrollTop = (place.previousElementSibling?.matches(".day") ? place.previousElementSibling : place).offsetTop - this.offsetTop
  }

  disconnectedCallback() {
    this.watch.disconnect()
    this.resize.disconnect()
    this.removeEventListener("scroll", this.#look)
    this.removeEventListener("error", this.#mark, true)
  }

  #mark = () => {
    this.querySelectorAll("img").forEach((one) => one.classList.toggle("undrawn", one.complete && !one.naturalWidth))
  }

  #look = () => {
    this.isAtEnd = !this.hasAttribute("short") && this.scrollHeight - this.scrollTop - this.clientHeight < 60
    this.read = [...this.children].find((one) => one.id.startsWith("message-") && one.offsetTop - this.offsetTop >= this.scrollTop)
    this.at = this.read?.offsetTop
  }

  #hold() {
    if (this.read?.isConnected) this.scrollTop += this.read.offsetTop - this.at
    this.at = this.read?.offsetTop
  }

  #end = () => { this.scrollTop = this.scrollHeight }
})
