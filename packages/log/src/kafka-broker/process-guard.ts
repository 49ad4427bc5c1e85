import { spawn } from 'node:child_process'

/**
 * Ends processes and removes a directory when this process is gone, however it went: a shell that waits for the end
 * of its input, which the kernel closes with us.
 */
export interface ProcessGuard {
  /** The processes to end; replaces the earlier list. */
  guard(pids: readonly number[]): void
  /** Removes the directory; only what is still guarded is ended. */
  close(): Promise<void>
}

const script = `
pids=""
while read -r line; do pids="$line"; done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
sleep 0.2
rm -rf "$1"
`

export function guardProcesses(directory: string): ProcessGuard {
  const shell = spawn('sh', ['-c', script, 'guard', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // a Ctrl-C at the terminal must not end it before us
  })
  shell.stdin.on('error', () => undefined) // it went first: nothing left to tell
  shell.unref()
  const ended = new Promise<void>((resolve) => shell.once('exit', () => resolve()))
  return {
    guard(pids) {
      shell.stdin.write(`${pids.join(' ')}\n`)
    },
    close() {
      shell.ref()
      shell.stdin.end()
      return ended
    },
  }
}
