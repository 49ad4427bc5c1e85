import type { TableServer } from './table-server.ts'

/** What merged tables take on disk. */
export interface TableSize {
  readonly events: number
  readonly sessions: number
  /** Bytes of the active parts: columns, primary key, indexes, projection. */
  readonly eventsBytes: number
  readonly sessionsBytes: number
  /** Of `events`, largest first. */
  readonly columns: readonly { readonly name: string; readonly bytes: number }[]
}

export async function tableSize(server: TableServer): Promise<TableSize> {
  const size = async (table: string): Promise<{ rows: number; bytes: number }> => {
    const { rows } = await server.ask<{ rows: string; bytes: string }>(
      `SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts
       WHERE database = 'millrace' AND table = '${table}' AND active`,
    )
    return { rows: Number(rows[0]?.rows), bytes: Number(rows[0]?.bytes) }
  }
  const [events, sessions] = [await size('events'), await size('session_states')]
  const { rows } = await server.ask<{ name: string; bytes: string }>(
    `SELECT name, data_compressed_bytes AS bytes FROM system.columns
     WHERE database = 'millrace' AND table = 'events' ORDER BY data_compressed_bytes DESC, name`,
  )
  return {
    events: events.rows,
    sessions: sessions.rows,
    eventsBytes: events.bytes,
    sessionsBytes: sessions.bytes,
    columns: rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) })),
  }
}
