/** From a request to raw events: routes, the client's facts, the rules that drop at the door. */
export { AcceptedCounts, type OnceCounted, type TakenCounts } from './accepted-counts.ts'
export {
  eventRoutes,
  type EventRoute,
  type RouteDocument,
  type RouteExample,
  type RouteParameter,
} from './event-routes.ts'
export { explainClient, type ExplainedClient } from './explained-client.ts'
export { keyRing } from './key-ring.ts'
export { Intake, type IntakeOptions, type ReceivedRequest, type TakenIn } from './intake.ts'
export {
  openFixedIntake,
  openIntake,
  readTrustedProxies,
  type FixedIntake,
  type IntakeConfig,
  type OpenIntakeOptions,
  type OpenedIntake,
} from './open-intake.ts'
export { rawRecord, RawRecords, type UnsequencedEvent } from './raw-records.ts'
export {
  readCapturedRequest,
  type CaptureProblem,
  type CapturedRequest,
  type CaptureRules,
} from './captured-request.ts'
export { routePath } from './route-path.ts'
