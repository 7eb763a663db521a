// <report-chart of="days"> draws the columns of the table #days whose heading has a data-tone, by their
// data-value cells. The table beside it says the same in words, so this is for the eye alone. Where the row of
// a point leads somewhere, so does pressing the point.
const TONES = { ink: "--ink-text", success: "--success-mark", danger: "--danger-mark" }

customElements.define("report-chart", class extends HTMLElement {
  async connectedCallback() {
    this.width = () => Math.max(240, this.clientWidth)
    this.dark = matchMedia("(prefers-color-scheme: dark)")
    this.dark.addEventListener("change", this.draw)
    this.resizing = new ResizeObserver(() => this.chart?.setSize({ width: this.width(), height: 220 }))
    this.addEventListener("click", this.#follow)
    this.uPlot = (await import("uplot")).default
    this.draw()
    this.resizing.observe(this)
  }

  disconnectedCallback() {
    this.dark.removeEventListener("change", this.draw)
    this.removeEventListener("click", this.#follow)
    this.resizing.disconnect()
    this.chart?.destroy()
  }

  #follow = (event) => {
    if (!event.target.closest(".u-over")) return
    const row = document.getElementById(this.getAttribute("of")).tBodies[0].rows[this.chart?.cursor.idx]
    row?.querySelector("th a")?.click()
  }

  draw = () => {
    const table = document.getElementById(this.getAttribute("of"))
    if (!table || !this.uPlot || !this.isConnected) return
    this.chart?.destroy()
    const rows = [...table.tBodies[0].rows]
    const names = rows.map((row) => row.cells[0].textContent.trim())
    const columns = [...table.tHead.rows[0].cells].flatMap((cell, at) => (cell.dataset.tone ? [at] : []))
    const values = columns.map((at) => rows.map((row) => Number(row.cells[at].dataset.value ?? 0)))
    const said = (at) => (_, value, __, row) => (row == null ? "–" : rows[row].cells[at].textContent.trim())
    const probe = this.appendChild(document.createElement("span"))
    const style = getComputedStyle(probe)
    const colour = (name) => { // a canvas knows neither var() nor light-dark()
      probe.style.color = `var(${name})`
      return style.color
    }
    const line = { stroke: colour("--text-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: style.font }
    this.chart = new this.uPlot({
      width: this.width(),
      height: 220,
      padding: [12, 28, 0, 0],
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(4, Math.ceil(high * 1.1))] } },
      axes: [
        { ...line, grid: { show: false }, space: 64, values: (_, splits) => splits.map((at) => names[at] ?? "") },
        { ...line, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6] },
      ],
      series: [
        { label: table.tHead.rows[0].cells[0].textContent, value: (_, at) => names[at] ?? "–" },
        ...columns.map((at) => ({
          label: table.tHead.rows[0].cells[at].textContent,
          stroke: colour(TONES[table.tHead.rows[0].cells[at].dataset.tone]),
          width: 2,
          points: { show: rows.length < 2 },
          value: said(at),
        })),
      ],
    }, [names.map((_, at) => at), ...values], this)
    probe.remove()
  }
})
