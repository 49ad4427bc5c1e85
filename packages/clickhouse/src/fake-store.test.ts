import { expect, it } from 'vitest'
import { eventsTable } from './events-table.ts'
import { FakeStore } from './fake-store.ts'
import { describeStoreContract } from './store-contract.ts'
import { StoreError } from './store-error.ts'
import { anEventRow } from './testing.ts'

describeStoreContract('FakeStore', () => {
  const store = new FakeStore()
  return {
    store,
    answerWith: (rows) => store.answerQueries(() => rows),
    offsets: (partition) =>
      Promise.resolve(
        store
          .rows(eventsTable)
          .filter((row) => row.kafkaPartition === partition)
          .map((row) => row.kafkaOffset)
          .sort((a, b) => a - b),
      ),
  }
})

const batch = { table: eventsTable, rows: [anEventRow()], token: 't' }

it('stores nothing when told to fail before', async () => {
  const store = new FakeStore()
  store.failInserts('before')
  await expect(store.insert(batch)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true })
  expect(store.rows(eventsTable)).toHaveLength(0)
})

it('has stored the rows when told to fail after, and a retry adds none', async () => {
  const store = new FakeStore()
  store.failInserts('after')
  await expect(store.insert(batch)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await store.insert(batch)
  expect(store.rows(eventsTable)).toHaveLength(1)
  expect(store.attempts).toHaveLength(2)
})

it('fails with the error it is given', async () => {
  const store = new FakeStore()
  store.failInserts(new StoreError('full', { code: 'STORE_BUSY' }))
  await expect(store.insert(batch)).rejects.toMatchObject({ code: 'STORE_BUSY' })
})

it('holds inserts until released', async () => {
  const store = new FakeStore()
  const release = store.holdInserts()
  const inserted = store.insert(batch)
  await Promise.resolve()
  expect(store.rows(eventsTable)).toHaveLength(0)
  release()
  await inserted
  expect(store.rows(eventsTable)).toHaveLength(1)
})

it('answers queries as told', async () => {
  const store = new FakeStore()
  expect(await store.query('SELECT 1')).toEqual([])
  store.answerQueries((sql, params) => [{ sql, ...params }])
  expect(await store.query('SELECT {a:String}', { a: 'x' })).toEqual([{ sql: 'SELECT {a:String}', a: 'x' }])
})
