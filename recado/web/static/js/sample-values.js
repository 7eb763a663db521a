// <sample-values src="/app/actions/variables"> around the choice of a conversation: what stands beside each variable,
// in the list and over its place in the editor, is that conversation's value from then on.
import { setSamples } from "variables"

customElements.define("sample-values", class extends HTMLElement {
  connectedCallback() { this.addEventListener("change", this.#ask) }
  disconnectedCallback() { this.removeEventListener("change", this.#ask) }

  #ask = async ({ target }) => {
    const query = new URLSearchParams(target.value && { conversation: target.value })
    const answer = await fetch(`${this.getAttribute("src")}?${query}`).catch(() => null)
    if (!answer?.ok || answer.redirected) return
    setSamples(await answer.json())
    document.dispatchEvent(new CustomEvent("recado:samples"))
  }
})
