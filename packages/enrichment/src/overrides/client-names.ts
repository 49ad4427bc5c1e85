import { browserColumns } from '../client/browser-columns.ts'
import { osColumns } from '../client/os-columns.ts'

/** The stored name of a browser that a client names itself, in whatever case or spelling. */
export function browserName(given: string): string {
  return browsers.get(letters(given)) ?? (browserColumns({ name: given }, '').browser || given)
}

/** The same of an operating system. */
export function osName(given: string): string {
  return systems.get(letters(given)) ?? (osColumns({ name: given }, '').os || given)
}

const letters = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '')

const browsers: ReadonlyMap<string, string> = new Map([
  ['chrome', 'Chrome'],
  ['edge', 'Microsoft Edge'],
  ['firefox', 'Firefox'],
  ['ie', 'Internet Explorer'],
  ['internetexplorer', 'Internet Explorer'],
  ['microsoftedge', 'Microsoft Edge'],
  ['msedge', 'Microsoft Edge'],
  ['opera', 'Opera'],
  ['safari', 'Safari'],
])

const systems: ReadonlyMap<string, string> = new Map([
  ['android', 'Android'],
  ['chromeos', 'Chrome OS'],
  ['gnulinux', 'GNU/Linux'],
  ['ios', 'iOS'],
  ['ipados', 'iPadOS'],
  ['linux', 'GNU/Linux'],
  ['mac', 'Mac'],
  ['macos', 'Mac'],
  ['macosx', 'Mac'],
  ['osx', 'Mac'],
  ['windows', 'Windows'],
  ['windowsphone', 'Windows Phone'],
])
