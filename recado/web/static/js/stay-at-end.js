// <stay-at-end> is a scrolling list of messages: it opens at its end and stays there when something is
// added, unless the reader has scrolled up.
customElements.define("stay-at-end", class extends HTMLElement {
  connectedCallback() {
    this.isAtEnd = true
    this.watch = new MutationObserver(() => this.isAtEnd && this.#end())
    this.watch.observe(this, { childList: true, subtree: true })
    this.addEventListener("scroll", this.#look)
    this.#end()
  }

  disconnectedCallback() {
    this.watch.disconnect()
    this.removeEventListener("scroll", this.#look)
  }

  #look = () => { this.isAtEnd = this.scrollHeight - this.scrollTop - this.clientHeight < 60 }
  #end = () => { this.scrollTop = this.scrollHeight }
})
