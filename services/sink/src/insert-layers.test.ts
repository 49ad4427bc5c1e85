import type { EventRow } from '@millrace/clickhouse'
import { anEventRow } from '@millrace/clickhouse/testing'
import { expect, it } from 'vitest'
import { insertLayers } from './insert-layers.ts'

const turn = Date.UTC(2026, 11, 1) / 1000

/** A row some seconds from the turn of the month, with its city; all of one session unless it says another. */
type Step = readonly [second: number, city: string, session?: string]

it.each<[string, readonly Step[], readonly (readonly number[])[]]>([
  ['nothing', [], []],
  [
    'rows of one month',
    [
      [-2, 'a'],
      [-1, 'b'],
    ],
    [[0, 1]],
  ],
  [
    'a session over the turn',
    [
      [-1, 'a'],
      [1, 'a'],
      [-1, 'a'],
    ],
    [[0, 1, 2]],
  ],
  [
    'a change in the new month',
    [
      [-1, 'a'],
      [1, 'b'],
      [2, 'b'],
    ],
    [[0], [1, 2]],
  ],
  [
    'a late change in the old month',
    [
      [-2, 'a'],
      [1, 'a'],
      [-1, 'b'],
    ],
    [[0, 1], [2]],
  ],
  [
    'a change beside a late row',
    [
      [1, 'a'],
      [-1, 'a'],
      [2, 'b'],
    ],
    [[0, 1], [2]],
  ],
  [
    'changes on both sides',
    [
      [-1, 'a'],
      [-1, 'b'],
      [1, 'b'],
      [1, 'c'],
      [-1, 'd'],
    ],
    [[0, 1, 2], [3], [4]],
  ],
  [
    'sessions that have nothing to do with each other',
    [
      [-1, 'a', 'one'],
      [1, 'b', 'two'],
      [-1, 'c', 'three'],
    ],
    [[0, 1, 2]],
  ],
])('%s', (_title, steps, layers) => {
  const rows = steps.map(([second, city, site = 'one'], kafkaOffset): EventRow => {
    return anEventRow({ site, city, kafkaOffset, sessionStart: turn - 60, timestamp: turn + second })
  })
  const found = insertLayers(rows).map((layer) => layer.map(({ kafkaOffset }) => kafkaOffset))
  expect(found).toEqual(layers)
})
