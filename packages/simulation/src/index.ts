/** The whole delivery protocol in one process, under faults that a seed chooses, held to its promises. */
export { simulate, type Protections, type RunResult } from './simulate.ts'
