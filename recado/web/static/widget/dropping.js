// Files dropped on the chat, or pasted into it, are sent like those chosen with the button.

/** `send(files)` for each drop or paste while `maySend()`. */
export function takeFiles(send, maySend) {
  addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData
    if (!files.length || types.includes("text/plain") || !maySend()) return // words with a picture of them are words
    event.preventDefault()
    send([...files])
  })
  for (const name of ["dragover", "dragleave", "drop"]) addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return
    event.preventDefault() // otherwise the browser would open the file in place of the chat
    document.body.classList.toggle("drop-here", name === "dragover" && maySend())
    if (name === "drop" && maySend()) send([...event.dataTransfer.files])
  })
}
