/** How often the parent is looked at, milliseconds. */
const pollMs = 250

/**
 * Calls back once when the process that started this one has died. `npm start` that is killed cannot pass the signal
 * on; a pipeline left behind would keep the ports and the data directory.
 * @returns the stop
 */
export function watchForOrphaning(onOrphaned: () => void): () => void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onOrphaned()
  }, pollMs)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
