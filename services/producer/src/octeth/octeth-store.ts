import { createStore, type Store, type StoreOptions } from '@millrace/clickhouse'
import type { PropertiesQuestion, Subscriber } from '@millrace/protocols'
import { assert } from '@millrace/runtime'
import { subscriberKey } from './subscriber-key.ts'

/** Pairs of an event and a property in one answer; real lists have some hundred. */
const propertiesMax = 50_000

const propertiesQuery = `
SELECT event, property FROM octeth_properties
WHERE site = {site:String} AND list_id = {listId:UInt64}
GROUP BY event, property
ORDER BY event, property
LIMIT ${String(propertiesMax)}`

/** What the Octeth calls ask of ClickHouse; connects on first use. */
export class OctethStore {
  readonly #store: Store

  constructor(options: StoreOptions) {
    this.#store = createStore(options)
  }

  /** @throws StoreError */
  properties({ site, listId }: PropertiesQuestion): Promise<{ event: string; property: string }[]> {
    return this.#store.query(propertiesQuery, { site, listId })
  }

  /** @returns the keys of those that are stored. @throws StoreError */
  async subscribers(asked: readonly Subscriber[]): Promise<ReadonlySet<string>> {
    const rows = await this.#store.query<{ site: string; list_id: string; email_hash: string }>(
      subscribersQuery(asked),
    )
    return new Set(
      rows.map(({ site, list_id: listId, email_hash: emailHash }) =>
        subscriberKey({ site, listId: Number(listId), emailHash }),
      ),
    )
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** In the text and not as parameters, which travel in the URL and would be too long for it; as hex, so that nothing can get out. */
export function subscribersQuery(asked: readonly Subscriber[]): string {
  const keys = asked.map(({ site, listId, emailHash }) => {
    assert(
      /^[0-9a-f]{64}$/.test(emailHash) && Number.isSafeInteger(listId),
      'a subscriber is a hash on a list',
    )
    return `(unhex('${Buffer.from(site).toString('hex')}'), ${String(listId)}, unhex('${emailHash}'))`
  })
  return `SELECT DISTINCT site, list_id, lower(hex(email_hash)) AS email_hash FROM octeth_subscribers
WHERE (site, list_id, octeth_subscribers.email_hash) IN (${keys.join(', ')})`
}
