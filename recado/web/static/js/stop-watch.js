// <stop-watch of="trial-form">: counts the seconds while that form's request is under way.
customElements.define("stop-watch", class extends HTMLElement {
  connectedCallback() {
    document.addEventListener("submit", this.#start)
  }

  disconnectedCallback() {
    document.removeEventListener("submit", this.#start)
    clearInterval(this.ticking)
  }

  #start = (event) => {
    if (event.target.id !== this.getAttribute("of")) return
    const began = performance.now()
    clearInterval(this.ticking)
    this.ticking = setInterval(() => {
      this.textContent = `${((performance.now() - began) / 1000).toFixed(1)} s`
    }, 100)
  }
})
