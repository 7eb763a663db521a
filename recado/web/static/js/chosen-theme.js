// <chosen-theme value="dark"> makes the whole page so, at once; the server writes the next one so from its start.
customElements.define("chosen-theme", class extends HTMLElement {
  static observedAttributes = ["value"]

  attributeChangedCallback(_, __, value) { document.documentElement.dataset.theme = value }
})
