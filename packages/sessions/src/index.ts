/** The session fold: which session each of a visitor's events belongs to. */
export { SessionFold, type SessionFoldOptions } from './session-fold.ts'
export {
  firstTouchColumns,
  firstTouchOf,
  type FirstTouch,
  type Session,
  type StoredSession,
} from './session.ts'
export { murmur3, sessionHash } from './session-hash.ts'
