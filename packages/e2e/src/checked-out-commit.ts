import { execFileSync } from 'node:child_process'

/** Short hash of the commit that is checked out; empty where git does not say. */
export function checkedOutCommit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return ''
  }
}
