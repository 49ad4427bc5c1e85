/** What the programs that we are measured against share: options in, progress out, an end when told. */

/** What the parent passed. */
export function yardstickOptions(): unknown {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** @returns tells the parent that so many more events are done */
export function startProgress(): (events: number) => void {
  let done = 0
  return (events) => {
    done += events
    process.send?.(done)
  }
}

/** Resolves when the parent says that it is enough; until then the process lives, whatever else has ended. */
export function stopSignal(): Promise<void> {
  process.channel?.ref()
  return new Promise((resolve) => process.once('SIGTERM', () => resolve()))
}
