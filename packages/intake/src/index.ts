/** From a request to raw events: routes, the client's facts, the rules that drop at the door. */
export { eventRoutes, type EventRoute } from './event-routes.ts'
export { Intake, type IntakeOptions, type ReceivedRequest, type TakenIn } from './intake.ts'
export { openIntake, type OpenIntakeOptions, type OpenedIntake } from './open-intake.ts'
export { RawRecords, type UnsequencedEvent } from './raw-records.ts'
