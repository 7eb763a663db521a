// <title-count value="3">: the title of the page begins with the number, as long as there is one.
customElements.define("title-count", class extends HTMLElement {
  connectedCallback() {
    const bare = document.title.replace(/^\(\d+\+?\) /, "")
    const count = Number(this.getAttribute("value"))
    document.title = count ? `(${count < 100 ? count : "99+"}) ${bare}` : bare
  }
})
