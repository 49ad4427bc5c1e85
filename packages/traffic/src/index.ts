/** Web traffic that looks like the world's, and an open-loop sender that drives a server with it. */
export { Traffic, defaultProtocolShares, siteName, type TrafficOptions } from './traffic.ts'
export type { TrafficRequest } from './traffic-request.ts'
export { kameleoonSdkVersion, kameleoonSiteCode } from './kameleoon-request.ts'
export { octethApiKey, octethListId } from './octeth-request.ts'
export { successEveToken } from './successeve-request.ts'
export { sendOpenLoop, type Answer, type OpenLoopOptions, type SendProgress } from './send-open-loop.ts'
export type { LatencyMs } from './latency.ts'
export type { ProtocolCounts, SendOutcome } from './send-outcome.ts'
