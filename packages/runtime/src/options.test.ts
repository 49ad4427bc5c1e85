import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { OptionsError, readOptions } from './options.ts'
import { logOptions, storeOptions, wholeNumber } from './shared-options.ts'

const schema = z.object({ PORT: wholeNumber(0, 65_535).default(8080), ...logOptions, ...storeOptions })

describe('readOptions', () => {
  it('takes defaults where a variable is unset or empty', () => {
    const options = readOptions(schema, { PORT: '', CLICKHOUSE_DATABASE: '' })
    expect(options).toMatchObject({ PORT: 8080, DATA_DIR: './data', CLICKHOUSE_DATABASE: 'millrace' })
    expect(options.KAFKA_BROKERS).toBeUndefined()
  })

  it.each([
    ['PORT', '65536', 'PORT: expected a whole number from 0 to 65535 (got "65536")'],
    ['PORT', '80.5', 'PORT: expected a whole number from 0 to 65535 (got "80.5")'],
    ['PORT', 'http', 'PORT: expected a whole number from 0 to 65535 (got "http")'],
    ['KAFKA_BROKERS', 'a:1, b:2', 'KAFKA_BROKERS: expected host:port, comma separated (got "a:1, b:2")'],
    ['CLICKHOUSE_URL', 'ftp://x', 'CLICKHOUSE_URL: expected http://host:port (got "ftp://x")'],
    [
      'CLICKHOUSE_DATABASE',
      'a;b',
      'CLICKHOUSE_DATABASE: expected a letter, then letters, digits and underscores (got "a;b")',
    ],
  ])('refuses %s=%s in one line', (name, value, line) => {
    expect(() => readOptions(schema, { [name]: value })).toThrow(new OptionsError(`invalid options: ${line}`))
  })

  it('names every impossible value in the same line', () => {
    expect(() => readOptions(schema, { PORT: 'x', KAFKA_BROKERS: 'y' })).toThrow(/PORT: .*; KAFKA_BROKERS: /)
  })
})
