// <stay-at-end> is a scrolling list of messages: it opens at its end and stays there when something is
// added, unless the reader has scrolled up: then what they read stays where it is.
customElements.define("stay-at-end", class extends HTMLElement {
  connectedCallback() {
    this.isAtEnd = true
    this.watch = new MutationObserver(() => (this.isAtEnd ? this.#end() : this.#hold()))
    this.watch.observe(this, { childList: true, subtree: true })
    this.resize = new ResizeObserver(() => this.isAtEnd && this.#end()) // the composer below grows
    this.resize.observe(this)
    this.addEventListener("scroll", this.#look)
    this.#end()
  }

  disconnectedCallback() {
    this.watch.disconnect()
    this.resize.disconnect()
    this.removeEventListener("scroll", this.#look)
  }

  #look = () => {
    this.isAtEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 60
    this.read = [...this.children].find((one) => one.id.startsWith("message-") && one.offsetTop - this.offsetTop >= this.scrollTop)
    this.at = this.read?.offsetTop
  }

  #hold() {
    if (this.read?.isConnected) this.scrollTop += this.read.offsetTop - this.at
    this.at = this.read?.offsetTop
  }

  #end = () => { this.scrollTop = this.scrollHeight }
})
