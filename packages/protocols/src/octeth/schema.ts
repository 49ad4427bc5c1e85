import * as z from 'zod'
import { eventNameGraphemesMax } from './event-name.ts'
import { octethPropNameBytesMax, octethPropsMax, octethPropValueBytesMax } from './props.ts'

const number = (value: number) => value.toLocaleString('en')

const scalar = z.union([z.string(), z.number()])
const properties = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string()])

const fields = {
  APIKey: scalar.optional().meta({
    description: 'API key. Without it and SessionID, either as `Authorization: Bearer`.',
    examples: ['k'],
  }),
  SessionID: scalar.optional().meta({ description: 'Session id, instead of an API key.' }),
  ListID: z
    .union([z.int().positive(), z.string().regex(/^\s*0*[1-9]\d{0,14}\s*$/)])
    .meta({ description: 'List of a site.', examples: [94] }),
} as const

/** What a client may post to `/api/v1/event`, for documents: `decodeOcteth` takes the names in any case. */
export const octethEventSchema = z
  .looseObject({
    ...fields,
    Command: z.string().optional().meta({ description: '`event.track`, or absent.' }),
    Event: scalar.meta({
      description: `Name of the event, cut to ${number(eventNameGraphemesMax)} characters: pageView, identify, conversion, or any other.`,
      examples: ['pageView'],
    }),
    Email: z.string().meta({ description: 'Address of the subscriber.', examples: ['2006@test.com'] }),
    ID: scalar
      .optional()
      .meta({ description: 'Id of the visitor; without it the email tells visitors apart.' }),
    UUID: z.string().optional().meta({ description: 'What is the same when the request is sent again.' }),
    Properties: properties.optional().meta({
      description: `Properties, the first ${number(octethPropsMax)}; names of more than ${number(octethPropNameBytesMax)} bytes are left out, values cut to ${number(octethPropValueBytesMax)} bytes. A conversion must have conversion-id, conversion-name and conversion-value, a number. isTest: accepted, and not stored.`,
      examples: [{ $current_url: 'https://example.com/pricing', $page_title: 'Pricing' }],
    }),
    IdentifyProperties: properties.optional().meta({ description: 'Properties of the person.' }),
  })
  .meta({ title: 'OctethEvent', description: 'One event of a subscriber. Names in any case.' })

/** What a client may ask at `/api/v1/website_events.properties`. */
export const octethPropertiesSchema = z
  .looseObject(fields)
  .meta({ title: 'OctethPropertiesQuestion', description: 'A list. Names in any case.' })

/** The same of a GET, in its query. */
export const octethQuestionFields = fields
