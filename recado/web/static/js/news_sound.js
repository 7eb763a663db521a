// The sound for news: two soft tones, made here. Off until somebody switches it on, for each person in each browser.
const TONES = [[659.3, 0], [880, 0.12]] // hertz, seconds after the start
const LENGTH = 0.35 // seconds
let context = null

const keyOf = (user) => `sound ${user}`

export const isOn = (user) => localStorage.getItem(keyOf(user)) === "on"

export function turn(user, on) {
  if (on) localStorage.setItem(keyOf(user), "on")
  else localStorage.removeItem(keyOf(user))
}

/** Plays it, unless the browser wants a press on the page first. */
export function play() {
  context ??= new AudioContext()
  context.resume()
  for (const [pitch, after] of TONES) tone(pitch, context.currentTime + after)
}

function tone(pitch, at) {
  const [source, volume] = [context.createOscillator(), context.createGain()]
  source.frequency.value = pitch
  volume.gain.setValueAtTime(0, at)
  volume.gain.linearRampToValueAtTime(0.15, at + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.001, at + LENGTH)
  source.connect(volume).connect(context.destination)
  source.start(at)
  source.stop(at + LENGTH)
}
