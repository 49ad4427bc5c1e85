import * as z from 'zod'
import { batchElementsMax } from './batch.ts'
import { visitUrlBytesMax } from './page.ts'
import { propsMax, propValueBytesMax } from './props.ts'
import { eventUidCharsMax, uidCharsMax } from './uid.ts'

const number = (value: number) => value.toLocaleString('en')
const uid = z.union([z.string(), z.int()])

const fields = {
  contact: uid.meta({
    description: `Who: a database id, or an email, which is stored as its hash. At most ${number(uidCharsMax)} characters.`,
    examples: ['123456'],
  }),
  event: uid.meta({
    description: `What happened, at most ${number(eventUidCharsMax)} characters. May be absent where params has a visit_url, which makes it a pageview.`,
    examples: ['user_registration', 'pageview'],
  }),
  account: uid.meta({
    description: `Which account, at most ${number(uidCharsMax)} characters.`,
    examples: ['78910'],
  }),
  createdAt: z.union([z.string(), z.number()]).meta({
    description:
      'When: ISO 8601 (UTC where it names no zone), Unix seconds or Unix milliseconds. Default: when it is received.',
    examples: ['2026-11-21T12:00:00.000Z', 1_795_262_400],
  }),
  messageId: z.string().meta({
    description: 'What a client repeats when it sends the call again; it is then stored once.',
    examples: ['0b2c7d6e-8a41-4c1f-9d53-2f6f0c7e4a10'],
  }),
  apiToken: z
    .string()
    .meta({ description: 'The token, where it is not given elsewhere.', examples: ['t0ken'] }),
  params: z
    .looseObject({
      account_uid: uid.optional().meta({ description: 'The account that the contact belongs to.' }),
      display_name: z.string().optional().meta({ description: "The event's name for people." }),
      visit_url: z
        .string()
        .optional()
        .meta({ description: `URL of the page, at most ${number(visitUrlBytesMax)} bytes.` }),
      page_title: z.string().optional().meta({ description: 'Title of the page, of a pageview.' }),
      referrer: z.string().optional().meta({ description: 'URL of the page before, of a pageview.' }),
      visit_agent: z.string().optional().meta({ description: "The visitor's user agent." }),
    })
    .meta({
      description: `Anything: the first ${number(propsMax)} become properties under their own names; text is cut to ${number(propValueBytesMax)} bytes, longer lists and objects are left out, as are addresses.`,
      examples: [{ account_uid: '78910', display_name: 'Registration' }],
    }),
}

const shared = {
  params: fields.params.optional(),
  created_at: fields.createdAt.optional(),
  messageId: fields.messageId.optional(),
  api_token: fields.apiToken.optional(),
}

/** What `POST /v1/track/event` and `/v1/track/pageview` take, for documents: the decoder reads more leniently. */
export const successEveEventSchema = z
  .looseObject({
    contact_uid: fields.contact.optional(),
    unique_id: fields.contact.optional(),
    event_uid: fields.event.optional(),
    event: fields.event.optional(),
    name: fields.event.optional(),
    ...shared,
  })
  .meta({
    title: 'SuccessEveEvent',
    description:
      'An event of a contact. Required are contact_uid (older clients: unique_id) and event_uid (event, name); the first that is there wins.',
  })

export const successEveContactSchema = z
  .looseObject({ contact_uid: fields.contact.optional(), unique_id: fields.contact.optional(), ...shared })
  .meta({
    title: 'SuccessEveContact',
    description: 'What is known of a contact. Required is contact_uid (older clients: unique_id).',
  })

export const successEveAccountSchema = z
  .looseObject({
    account_uid: fields.account.optional(),
    unique_id: fields.account.optional(),
    contact_uid: fields.contact.optional(),
    ...shared,
  })
  .meta({
    title: 'SuccessEveAccount',
    description: 'What is known of an account. Required is account_uid (older clients: unique_id).',
  })

export const successEveElementSchema = z
  .looseObject({
    unique_id: uid.meta({ description: 'Which record.', examples: ['o-7'] }),
    contact_uid: fields.contact.optional(),
    ...shared,
  })
  .meta({
    title: 'SuccessEveElement',
    description: 'A record of a data set of the oldest clients, which params names as dataset.',
  })

const element = z.looseObject({
  method: z.string().optional().meta({
    description:
      'event, pageview, contact (user), account, email or element. A call with an event_uid is an event without it.',
  }),
  ...successEveEventSchema.shape,
  account_uid: fields.account.optional(),
})

export const successEveBatchSchema = z
  .union([z.array(element).max(batchElementsMax), element])
  .meta({ title: 'SuccessEveBatch', description: `At most ${number(batchElementsMax)} calls.` })

/** A ping says nothing. */
export const successEvePingSchema = z.looseObject({ api_token: fields.apiToken.optional() })

const json = z.string().meta({ description: 'The content as JSON text, or as base64 of it.' })

/** Any call as a form, urlencoded or multipart. */
export const successEveFormSchema = z
  .looseObject({
    api_token: fields.apiToken.optional(),
    encode: z
      .enum(['none', 'base64'])
      .optional()
      .meta({ description: 'How data is coded; base64 of either alphabet. Default none.' }),
    data: json.optional(),
  })
  .meta({
    title: 'SuccessEveForm',
    description: 'The content in data; without it the fields themselves are the content.',
  })
