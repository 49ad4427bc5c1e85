import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { questions } from './questions.ts'
import { referenceAnswers } from './reference-answers.ts'

const readme = readFileSync(new URL('../../../../../README.md', import.meta.url), 'utf8')

describe('the cookbook', () => {
  it.each([...questions])('has the SQL of $name word by word, under what it asks', ({ asks, sql }) => {
    expect(readme).toContain(`${asks}:\n\n\`\`\`sql\n${sql}\n\`\`\`\n`)
  })

  it.each([...questions])('asks $name of a site and a span', ({ sql }) => {
    for (const parameter of ['{site:String}', '{to:DateTime}']) expect(sql).toContain(parameter)
  })

  it('has a reference for every question', () => {
    expect(Object.keys(referenceAnswers).toSorted()).toEqual(questions.map(({ name }) => name).toSorted())
  })
})
