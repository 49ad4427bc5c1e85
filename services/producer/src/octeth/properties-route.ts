import { StoreError } from '@millrace/clickhouse'
import {
  octethPropertiesSchema,
  octethQuestionFields,
  octethUnavailable,
  propertiesAnswer,
  readPropertiesQuestion,
  type KeyRing,
} from '@millrace/protocols'
import { describeError } from '@millrace/runtime'
import type { QueryRoute } from '../query-route.ts'
import type { OctethStore } from './octeth-store.ts'

export interface PropertiesRouteOptions {
  readonly keys: KeyRing
  readonly store: Pick<OctethStore, 'properties'>
  readonly onTrouble: (why: string) => void
  readonly limits: {
    /** More at the same time are answered with 503. */
    readonly questionsMax: number
    readonly retryAfterS: number
  }
}

/** Which properties the events of a list have: a question, so it is answered from ClickHouse and stores nothing. */
export function propertiesRoute({ keys, store, onTrouble, limits }: PropertiesRouteOptions): QueryRoute {
  let asked = 0
  return {
    path: '/api/v1/website_events.properties',
    methods: ['POST', 'GET'],
    tag: 'octeth',
    answer: async (request) => {
      const question = readPropertiesQuestion(request, { keys })
      if (!question.ok) return question
      if (asked >= limits.questionsMax) return octethUnavailable(limits.retryAfterS)
      asked++
      try {
        return propertiesAnswer(question.listId, await store.properties(question))
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        onTrouble(describeError(error))
        return octethUnavailable(limits.retryAfterS)
      } finally {
        asked--
      }
    },
    document,
  }
}

const document: QueryRoute['document'] = {
  summary: 'Lists the properties of the events of a list, by event, as Octeth does',
  parameters: [
    {
      name: 'ListID',
      description: 'List of a site.',
      isRequired: true,
      schema: octethQuestionFields.ListID,
    },
    {
      name: 'APIKey',
      description: 'API key. Without it and SessionID, either as `Authorization: Bearer`.',
      isRequired: false,
      schema: octethQuestionFields.APIKey,
    },
    {
      name: 'SessionID',
      description: 'Session id, instead of an API key.',
      isRequired: false,
      schema: octethQuestionFields.SessionID,
    },
  ],
  bodies: [
    { types: ['application/json', 'application/x-www-form-urlencoded'], schema: octethPropertiesSchema },
  ],
  examples: { list: { type: 'application/json', body: { APIKey: 'k', ListID: 94 } } },
  answers: {
    200: 'Names of events, and of each the names of its properties, both sorted.',
    400: 'The body is neither a JSON object nor a form.',
    401: 'Neither a known API key nor a known session id (code 99999).',
    422: 'The list is missing (code 1), no whole number (2), or of no site (3).',
    503: 'ClickHouse does not answer in time; ask again.',
  },
}
