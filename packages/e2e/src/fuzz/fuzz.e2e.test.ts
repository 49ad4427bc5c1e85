import { describe, expect, it } from 'vitest'
import { readFuzzArguments } from './arguments.ts'
import { generate } from './generate.ts'
import { runFuzz } from './fuzz-run.ts'
import { fuzzReport } from './report.ts'
import { requestCorpus } from './request-corpus.ts'

describe('the fuzz run', () => {
  it(
    'of 5,000 requests finds no 5xx, no crash, no acceptance without its records and no record without its answer',
    { timeout: 120_000 },
    async () => {
      const seed = 1
      const run = await runFuzz({ seed, from: 0, requests: 5_000, secondsMax: 20, connections: 48 })
      expect(fuzzReport(run, seed)).toMatch(/each record its answer$/)
      // On a busy machine time ends it earlier; then it must still have reached every kind of answer.
      expect(run.requests).toBeGreaterThan(500)
      for (const answer of [
        'sound 200',
        'sound 202',
        'mutated 202',
        'mutated 400',
        'mutated 401',
        'random 404',
      ]) {
        expect(run.answers.get(answer) ?? 0, answer).toBeGreaterThan(0)
      }
      expect(run.log?.records).toBeGreaterThan(100)
    },
  )
})

describe('the requests of a fuzz run', () => {
  const corpus = requestCorpus()

  it('are the same for the same seed and number, and others for another', () => {
    const bytes = (seed: number, index: number) => generate(seed, index, corpus).bytes.toString('latin1')
    for (let index = 0; index < 200; index++) expect(bytes(7, index)).toBe(bytes(7, index))
    const all = new Set(Array.from({ length: 200 }, (_, index) => bytes(7, index)))
    expect(all.size).toBeGreaterThan(150)
    expect(bytes(7, 3)).not.toBe(bytes(8, 3))
  })

  it('reach every route of events', () => {
    const reached = new Set(
      Array.from({ length: 2_000 }, (_, index) => generate(1, index, corpus)).map((generated) =>
        'path' in generated ? generated.path : '',
      ),
    )
    for (const { request } of corpus) expect(reached).toContain(request.path)
  })
})

describe('the arguments', () => {
  it('have defaults, and make sense', () => {
    expect(readFuzzArguments([])).toMatchObject({ requests: 50_000, seed: 1, from: 0, secondsMax: 900 })
    expect(readFuzzArguments('--requests 1000000 --seed 7'.split(' '))).toMatchObject({
      requests: 1e6,
      seed: 7,
    })
    expect(() => readFuzzArguments(['--requests', '0'])).toThrow('--requests wants a whole number from 1')
    expect(() => readFuzzArguments(['--rounds', '1'])).toThrow()
  })
})
