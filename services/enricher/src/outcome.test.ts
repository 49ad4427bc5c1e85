import type { DropReason } from '@millrace/events'
import { anEnrichedEvent, aRawEvent } from '@millrace/events/testing'
import { describe, expect, it } from 'vitest'
import { deadLetterOf, decodeOrError, outcomeOf, type OutcomeRules } from './outcome.ts'

const salts = { salt: Buffer.alloc(16, 1), previousSalt: Buffer.alloc(16, 2) }
const rules: OutcomeRules = {
  enrich: ({ site, ip, overrides }, { rawOffset }) =>
    anEnrichedEvent({ rawOffset, site, country: overrides?.country ?? (ip === 'danish' ? 'DK' : 'GB') }),
  isCountryShielded: (site, country) => site === 'shielded.example' && country === 'DK',
}

describe('the outcome of a raw record', () => {
  const cases: {
    title: string
    site?: string
    ip?: string
    drop?: DropReason
    outcome: string
  }[] = [
    { title: 'is an event where no rule objects', outcome: 'event' },
    { title: 'is the drop that the producer decided on', drop: 'not_found', outcome: 'not_found' },
    { title: 'is a drop for a bot', drop: 'bot', outcome: 'bot' },
    {
      title: 'is a drop for a shielded country',
      site: 'shielded.example',
      ip: 'danish',
      outcome: 'site_country_blocklist',
    },
    { title: 'is an event from another country', site: 'shielded.example', outcome: 'event' },
    { title: 'is an event on another site', ip: 'danish', outcome: 'event' },
    {
      title: 'names the country before the bot',
      site: 'shielded.example',
      ip: 'danish',
      drop: 'bot',
      outcome: 'site_country_blocklist',
    },
    {
      title: 'names a page rule before the country',
      site: 'shielded.example',
      ip: 'danish',
      drop: 'site_page_blocklist',
      outcome: 'site_page_blocklist',
    },
  ]
  it.each(cases)('$title', ({ site = 'example.com', ip = '81.2.69.142', drop, outcome }) => {
    const raw = aRawEvent({ site, ip, ...(drop === undefined ? {} : { drop }) })
    const found = outcomeOf(raw, { rawOffset: 41, salts }, rules)
    if (found.kind === 'event') expect(outcome).toBe('event')
    else expect(found).toMatchObject({ kind: 'drop', record: { reason: outcome, rawOffset: 41, site } })
  })

  it.each([
    ['danish', 'GB', 'drop'],
    ['british', 'DK', 'event'],
  ])('asks a country shield for the address, not for what the event says: %s, %s', (ip, country, kind) => {
    const raw = aRawEvent({ site: 'shielded.example', ip, overrides: { country } })
    expect(outcomeOf(raw, { rawOffset: 0, salts }, rules).kind).toBe(kind)
  })

  it('is the cause that a piece of a request was no event for, unless a rule dropped it', () => {
    const malformed = { cause: 'goalId: required', text: 'eventType=conversion' }
    const outcome = (drop?: DropReason) => {
      const raw = aRawEvent({ malformed, ...(drop === undefined ? {} : { drop }) })
      return outcomeOf(raw, { rawOffset: 0, salts }, rules)
    }
    expect(() => outcome()).toThrow('goalId: required')
    expect(outcome('bot').kind).toBe('drop')
  })

  it('holds no address in a drop', () => {
    const found = outcomeOf(aRawEvent({ drop: 'bot' }), { rawOffset: 0, salts }, rules)
    expect(JSON.stringify(found)).not.toContain('81.2.69.142')
  })

  it('is a dead letter with bytes, cause and place where the bytes are no event', () => {
    const value = Buffer.from('{"name":')
    const cause = decodeOrError(value)
    const place = { topic: 'raw', partition: 3, failedAt: 5 }
    const found = deadLetterOf({ offset: 9, key: null, value, appendedAt: 0 }, cause, place)
    expect(found).toMatchObject({
      kind: 'dead-letter',
      letter: {
        stage: 'enricher',
        record: value.toString('base64'),
        topic: 'raw',
        partition: 3,
        offset: 9,
        failedAt: 5,
      },
    })
    expect(found.kind === 'dead-letter' && found.letter.cause).toMatch(/^not a raw event: .*JSON/)
  })

  it('cuts a dead letter that would not fit into the log, and says so', () => {
    const value = Buffer.alloc(1_000_000, 'x')
    const place = { topic: 'raw', partition: 3, failedAt: 5 }
    const found = deadLetterOf({ offset: 9, key: null, value, appendedAt: 0 }, new Error('no'), place)
    if (found.kind !== 'dead-letter') throw new Error(`unexpected ${found.kind}`)
    expect(found.letter.record.length).toBe(800_000)
    expect(found.letter.cause).toBe('no (cut to 600000 of 1000000 bytes)')
  })
})
