import { eventSchemas, type EventType } from './event-schemas.ts'

/** The documented name of a parameter: clients write some in another case (`goalID`), and the SDKs `referrersIndices`. */
export function documentedName(given: string): string | undefined {
  return names.get(given) ?? names.get(given.toLowerCase())
}

/** The documented type, which SDKs write as `staticData`; undefined when there is no such type. */
export function documentedType(given: unknown): EventType | undefined {
  return typeof given === 'string' ? (types.get(given) ?? types.get(given.toUpperCase())) : undefined
}

const documented = Object.values(eventSchemas).flatMap(({ shape }) => Object.keys(shape))

const names: ReadonlyMap<string, string> = new Map([
  ...documented.flatMap((name) => [[name, name] as const, [name.toLowerCase(), name] as const]),
  ['referrersindices', 'referrerIndices'],
  ['herf', 'href'], // as the summary of the document prints it
])

const types: ReadonlyMap<string, EventType> = new Map(
  (Object.keys(eventSchemas) as EventType[]).map((type) => [type, type]),
)
