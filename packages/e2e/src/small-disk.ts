import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A directory on a disk of its own, in memory, whose size can be set while it is in use. */
export class SmallDisk {
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  /** @param directory made if missing */
  static async mount(directory: string, mebibytes: number): Promise<SmallDisk> {
    mkdirSync(directory, { recursive: true })
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory])
    return new SmallDisk(directory)
  }

  async resize(bytes: number): Promise<void> {
    await run('mount', ['-o', `remount,size=${Math.ceil(bytes)}`, this.directory])
  }

  async usedBytes(): Promise<number> {
    const { blocks, bfree, bsize } = await statfs(this.directory)
    return (blocks - bfree) * bsize
  }

  async unmount(): Promise<void> {
    await run('umount', [this.directory])
  }

  /** Without waiting for who still has files open, for the end of this process. */
  unmountNow(): void {
    execFileSync('umount', ['--lazy', this.directory])
  }
}

/** Whether this process may mount one here. */
export function canMountSmallDisk(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && mounts()
}

function mounts(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
