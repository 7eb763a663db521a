// The outbox: what was written and not yet taken by the server. It survives a reload; every message has a
// name (`echo_id`), so one whose answer was lost is not written twice.
import { allFiles, dropFiles, fileAway } from "widget/filing"
import { alone, keep, kept, newSecret, seen } from "widget/keeping"
import { Unreachable, write } from "widget/talking"

const withFiles = new Map() // by echo_id; the browser keeps them too, where it can

/** Resolves when files that were waiting in an earlier page are there. */
export const filed = allFiles().then((found) => found.forEach((one) => withFiles.set(one.echo_id, one)))

/** The text that says why the server would take these files in no message; "" when it would. */
function refusalOf(files) {
  if (files.length > seen.mostFiles) return "too_many"
  return files.reduce((sum, file) => sum + file.size, 0) > seen.mostBytes ? "too_large" : ""
}

export class Outbox {
  #filing = new Set() // echo_ids whose files a closed tab would lose

  constructor({ onChange, onSent, onStart }) {
    Object.assign(this, { onChange, onSent, onStart, isSending: false, tries: 0 })
    addEventListener("online", () => this.flush())
    addEventListener("storage", () => this.onChange())
  }

  /** What waits, oldest first; files once they would survive a closed tab. */
  get waiting() {
    return this.#all().filter((one) => !this.#filing.has(one.echo_id))
  }

  /** What answers a message (`answer`: its id, and the values) is told as words only to the visitor. */
  add(content, files = [], answer = null) {
    const entry = { echo_id: newSecret().slice(0, 24), content, at: Date.now(), ...(answer && { answer }) }
    const refusal = refusalOf(files)
    if (refusal) withFiles.set(entry.echo_id, { ...entry, files, isRefused: true, refusal }) // for this page alone
    else if (files.length) this.#fileNew({ ...entry, files })
    else keep("outbox", [...kept("outbox", []), entry])
    this.onChange()
    this.flush()
  }

  /** Take one that was refused out, or try it again. */
  drop(echo_id) {
    if (withFiles.delete(echo_id)) dropFiles(echo_id)
    keep("outbox", kept("outbox", []).filter((one) => one.echo_id !== echo_id))
    this.onChange()
  }

  /** Forget all of it. */
  clear() {
    for (const { echo_id } of this.#all()) this.drop(echo_id)
  }

  again(echo_id) {
    this.#mark(echo_id, false)
    this.flush()
  }

  /** Send what waits, in order, until the server cannot be reached. */
  async flush() {
    clearTimeout(this.later)
    if (this.isSending) return
    this.isSending = true
    try {
      await alone(() => this.#sendAll())
      this.tries = 0
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error
      this.later = setTimeout(() => this.flush(), Math.min(30_000, 1000 * 2 ** this.tries++))
    } finally {
      this.isSending = false
    }
  }

  async #sendAll() {
    for (let next = this.#next(); next; next = this.#next()) {
      try {
        const message = await write(next, this.onStart)
        this.drop(next.echo_id)
        this.onSent(message)
      } catch (error) {
        if (error instanceof Unreachable) throw error
        this.#mark(next.echo_id, true)
      }
    }
  }

  #next() {
    return this.#all().find((one) => !one.isRefused)
  }

  #mark(echo_id, isRefused) {
    const marked = (one) => (one.echo_id === echo_id ? { ...one, isRefused } : one)
    keep("outbox", kept("outbox", []).map(marked))
    if (withFiles.has(echo_id)) this.#file(marked(withFiles.get(echo_id)))
    this.onChange()
  }

  #all() {
    return [...kept("outbox", []), ...withFiles.values()].sort((one, other) => one.at - other.at)
  }

  async #fileNew(entry) {
    this.#filing.add(entry.echo_id)
    await this.#file(entry)
    this.#filing.delete(entry.echo_id)
    this.onChange()
  }

  #file(entry) {
    withFiles.set(entry.echo_id, entry)
    return fileAway(entry)
  }
}
