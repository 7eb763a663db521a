// <stop-request of="trial-form" says="stopped-test"> around a button that is seen while that form's request is under
// way: it gives the request up, and puts what the template says into the place where the answer would stand. What
// `then` names is drawn anew once the end is written down.
customElements.define("stop-request", class extends HTMLElement {
  connectedCallback() { this.addEventListener("click", this.#stop) }
  disconnectedCallback() { this.removeEventListener("click", this.#stop) }

  #stop = () => {
    window.htmx.trigger(document.getElementById(this.getAttribute("of")), "htmx:abort")
    const said = document.getElementById(this.getAttribute("says"))
    const place = said.nextElementSibling
    while (place.childElementCount > 1) place.lastElementChild.remove()
    place.append(said.content.cloneNode(true))
    document.getElementById(this.getAttribute("then")).dataset.live = "deliveries"
  }
})
