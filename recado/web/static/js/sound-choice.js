// <sound-choice user="5"> around a checkbox, which says whether this browser plays a sound for this person's news, and a
// button to listen to it.
import { isOn, play, turn } from "news_sound"

customElements.define("sound-choice", class extends HTMLElement {
  connectedCallback() {
    this.box = this.querySelector("[type=checkbox]")
    this.box.checked = isOn(this.getAttribute("user"))
    this.addEventListener("change", this.#choose)
    this.addEventListener("click", this.#listen)
  }

  disconnectedCallback() {
    this.removeEventListener("change", this.#choose)
    this.removeEventListener("click", this.#listen)
  }

  #choose = () => turn(this.getAttribute("user"), this.box.checked)

  #listen = ({ target }) => target.closest("button") && play()
})
