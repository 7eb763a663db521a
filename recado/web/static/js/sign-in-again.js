// <sign-in-again src="/sign-in/again?…"> holds the dialog that opens when the server knows this browser no
// more (401). Signed in again, whatever was refused meanwhile is asked once more, by whoever asked it.
customElements.define("sign-in-again", class extends HTMLElement {
  refused = new Set()  // elements whose requests came to nothing

  connectedCallback() {
    this.dialog = this.querySelector("dialog")
    document.addEventListener("htmx:after:request", this.#hear)
    document.addEventListener("recado:signed-in", this.#goOn)
    this.dialog.addEventListener("close", this.#close)
  }

  disconnectedCallback() {
    document.removeEventListener("htmx:after:request", this.#hear)
    document.removeEventListener("recado:signed-in", this.#goOn)
  }

  #hear = ({ detail: { ctx } }) => {
    if (ctx.response.status !== 401 || !ctx.response.raw.headers.has("recado-signed-out")) return
    this.refused.add({ element: ctx.sourceElement, submitter: ctx.request.submitter, event: ctx.sourceEvent?.type })
    if (this.dialog.open) return
    this.dialog.showModal()
    window.htmx.ajax("GET", this.getAttribute("src"), { target: "#sign-in-again-step", swap: "innerHTML" })
  }

  #goOn = () => {
    const refused = [...this.refused]
    this.dialog.close()
    for (const one of refused) askAgain(one)
  }

  // Closed without signing in: the page stays as it is, and asks again at the next request.
  #close = () => {
    this.refused.clear()
    this.querySelector("#sign-in-again-step").replaceChildren()
  }
})

function askAgain({ element, submitter, event }) {
  if (!element.isConnected) return
  if (element.matches("form")) element.requestSubmit(submitter?.isConnected ? submitter : undefined)
  else if (element.matches("button, a")) element.click()
  else window.htmx.trigger(element, event ?? "recado:refresh")
}
