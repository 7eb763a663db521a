// Files that wait to be sent, in the frame's own database, so that they survive a closed tab. Where the browser
// gives a frame none, or has no room, they last as long as the page.
import { seen } from "widget/keeping"

const NAME = `recado ${seen.token}`
const opened = open()

function open() {
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open(NAME, 1)
      asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "echo_id" })
      asked.onsuccess = () => resolve(asked.result)
      asked.onerror = asked.onblocked = () => resolve(null)
    } catch {
      resolve(null)
    }
  })
}

async function ask(mode, what) {
  const database = await opened
  return new Promise((resolve) => {
    if (!database) return resolve(null)
    const within = database.transaction("files", mode)
    const asked = what(within.objectStore("files"))
    within.oncomplete = () => resolve(asked.result)
    within.onerror = within.onabort = () => resolve(null)
  })
}

/** The entries that an earlier page has left. */
export const allFiles = async () => (await ask("readonly", (store) => store.getAll())) ?? []
export const fileAway = (entry) => ask("readwrite", (store) => store.put(entry))
export const dropFiles = (echo_id) => ask("readwrite", (store) => store.delete(echo_id))
