// <fresh-variables src="/app/actions/variables">: whoever comes back to this page, perhaps after making a custom
// attribute elsewhere, is offered it without a reload. `also`: the id of another list that gets them.
import { addVariables } from "variables"

customElements.define("fresh-variables", class extends HTMLElement {
  connectedCallback() { document.addEventListener("visibilitychange", this.#look); addEventListener("focus", this.#look) }
  disconnectedCallback() { document.removeEventListener("visibilitychange", this.#look); removeEventListener("focus", this.#look) }

  #look = async () => {
    if (document.hidden || this.isLooking) return
    this.isLooking = true
    const answer = await fetch(this.getAttribute("src")).catch(() => null)
    this.isLooking = false
    if (!answer?.ok || answer.redirected) return
    const variables = await answer.json()
    addVariables(variables)
    if (this.hasAttribute("also")) addVariables(variables, this.getAttribute("also"))
  }
})
