// <own-zone> around a <select> of time zones that nobody has chosen from yet: begins with the browser's own.
customElements.define("own-zone", class extends HTMLElement {
  connectedCallback() {
    const select = this.querySelector("select")
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
    if (!timeZone) return
    const isOffered = [...select.options].some(({ value }) => value === timeZone)
    if (!isOffered) select.add(new Option(timeZone.replaceAll("_", " "), timeZone)) // by an older name
    select.value = timeZone
    select.dispatchEvent(new Event("change", { bubbles: true }))
  }
})
