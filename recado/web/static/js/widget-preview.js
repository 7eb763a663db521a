// <widget-preview> around a form and a .preview: the preview shows what is typed, before it is saved.
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

customElements.define("widget-preview", class extends HTMLElement {
  connectedCallback() {
    this.preview = this.querySelector(".preview")
    this.preview.hidden = false
    this.addEventListener("input", this.#show)
    this.#show()
  }

  disconnectedCallback() { this.removeEventListener("input", this.#show) }

  #show = () => {
    const { elements } = this.querySelector("form")
    const colour = elements.widget_color.value
    const light = luminance(colour)
    const ink = 1.05 / (light + 0.05) >= (light + 0.05) / (luminance("#15131f") + 0.05) ? "#ffffff" : "#15131f"
    this.preview.style.setProperty("--colour", colour)
    this.preview.style.setProperty("--on-colour", ink)
    this.preview.classList.toggle("left", elements.widget_position.value === "left")
    for (const one of this.preview.querySelectorAll("[data-shows]")) {
      one.textContent = elements[one.dataset.shows].value || one.dataset.otherwise || ""
      one.hidden = !one.textContent
    }
    const asks = [...elements].filter((one) => one.name.startsWith("ask-") && one.value)
    this.preview.querySelector(".preview-asks").replaceChildren(...asks.map((one) => this.#question(one)))
  }

  #question(select) {
    const made = document.createElement("span")
    made.textContent = `${select.labels[0].textContent}${select.value === "required" ? " *" : ""}`
    return made
  }
})
