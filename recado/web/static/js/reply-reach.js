// <reply-reach from="/app/conversations/12/reach"> around whom a reply by e-mail reaches. Who comes into CC while it is
// being written is added there, and said; what was typed stays.
import { text } from "texts"

const CC = "[name=cc_emails]"

customElements.define("reply-reach", class extends HTMLElement {
  connectedCallback() { this.addEventListener("recado:refresh", this.#look) }
  disconnectedCallback() { this.removeEventListener("recado:refresh", this.#look) }

  #look = async () => {
    const answer = await fetch(this.getAttribute("from"), { headers: { "HX-Request": "true" } }).catch(() => null)
    if (!answer?.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html")
    if (fresh.querySelector(CC)) this.#take(fresh.querySelector(".reach > p"), fresh.querySelector(CC).defaultValue)
  }

  #take(to, copies) {
    const field = this.querySelector(CC)
    const before = people(field.defaultValue), chosen = people(field.value)
    const joined = people(copies).filter((one) => !before.includes(one) && !chosen.includes(one))
    field.value = field.value === field.defaultValue ? copies : [...chosen, ...joined].join(", ")
    field.defaultValue = copies
    this.querySelector(".reach > p").replaceWith(to)
    if (joined.length) this.querySelector("[role=status]").textContent = text("joined_copies", { people: joined.join(", ") })
  }
})

function people(typed) { return typed.split(/[,;]/).map((one) => one.trim()).filter(Boolean) }
