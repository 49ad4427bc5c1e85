import { describe, expect, it } from 'vitest'
import { checkAnswer } from './answer-check.ts'
import { AnswerReader, type Answer } from './connection.ts'
import { ReceiptLedger } from './receipt-ledger.ts'

function anAnswer(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers: new Map(Object.entries(headers)), body: '' }
}

describe('checkAnswer', () => {
  const post = { method: 'POST', path: '/api/event' }
  const receipt = (places: string) => ({ 'x-millrace-receipt': places })
  it.each<[string, object, Answer, string | undefined]>([
    ['an acceptance', {}, anAnswer(202, receipt('0-2')), undefined],
    ['a refusal', {}, anAnswer(400), undefined],
    ['a failure', {}, anAnswer(500), 'a 5xx'],
    ['a full log', {}, anAnswer(503, { 'retry-after': '2' }), 'a 5xx'],
    ['silence', {}, anAnswer(0), 'no answer'],
    ['an acceptance of nothing', {}, anAnswer(202), 'nothing was stored'],
    ['a receipt for a refusal', {}, anAnswer(400, receipt('0-3')), 'a receipt with a refusal'],
    ['a receipt of another path', { path: '/healthz' }, anAnswer(200, receipt('0-3')), 'takes no events'],
    ['a place that is taken', {}, anAnswer(202, receipt('0-4,0-1')), '0-1 is named by two'],
    ['a receipt that is none', {}, anAnswer(202, receipt('0')), 'cannot be read'],
    ['an injected header', {}, anAnswer(202, { 'x-injected': '1' }), 'a header of the sender'],
    [
      'another answer than before',
      { before: anAnswer(202) },
      anAnswer(429, { 'retry-after': '1' }),
      'answered 202 before',
    ],
    [
      'fewer events than before',
      { before: anAnswer(202, receipt('1-0,1-1')) },
      anAnswer(202, receipt('1-2')),
      '2 places before',
    ],
  ])('%s', (_, changes, answer, expected) => {
    const ledger = new ReceiptLedger()
    ledger.note('0-1', 'plausible')
    const problem = checkAnswer({ ...post, ...changes }, { answer, ledger })
    if (expected === undefined) expect(problem).toBeUndefined()
    else expect(problem).toContain(expected)
  })
})

describe('ReceiptLedger', () => {
  it('knows whose answer named a place, far ones too', () => {
    const ledger = new ReceiptLedger()
    expect(ledger.note('0-5,2-1000000', 'octeth')).toBeUndefined()
    expect(ledger.note('0-6', '')).toBeUndefined()
    expect([ledger.protocolAt(0, 5), ledger.protocolAt(2, 1_000_000), ledger.protocolAt(0, 6)]).toEqual([
      'octeth',
      'octeth',
      '',
    ])
    expect([ledger.protocolAt(0, 4), ledger.protocolAt(1, 5), ledger.protocolAt(2, 9e9)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(ledger.count).toBe(3)
  })
})

describe('AnswerReader', () => {
  it('reads answers that come in pieces, behind each other, and after an interim one', () => {
    const text =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nX-A: B\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 204 No Content\r\n\r\n'
    let reader = new AnswerReader(false)
    const answers: Answer[] = []
    for (const character of text) {
      const answer = reader.take(Buffer.from(character))
      if (answer === undefined) continue
      answers.push(answer)
      reader = reader.next()
    }
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [202, 'ok'],
      [204, ''],
    ])
    expect(answers[0]?.headers.get('x-a')).toBe('b')
  })
})
