import { readFile } from 'node:fs/promises'
import { Reader, type Response } from 'maxmind'
import { LRUCache } from 'lru-cache'

/** How many decoded values of one file are kept; records share strings through it. */
export const mmdbCacheEntriesMax = 10_000

/** One MaxMind DB file, in memory. */
export interface MmdbFile {
  /** `YYYY-MM-DD`, the build date in the file. */
  readonly date: string
  /**
   * The record of a canonical address, or undefined. A file of one family has no answer for the other: asked all the same,
   * DB-IP's IPv4 file puts Paris in Guangzhou.
   */
  get(ip: string): unknown
}

/**
 * Opens a MaxMind DB file of any record shape.
 * @param options.isUnchecked leaves out going through the whole file, which takes a large one a moment: for one question
 * @throws Error with one line when the file is missing, no MaxMind DB, or damaged
 */
export async function openMmdb(
  file: string,
  { isUnchecked = false }: { readonly isUnchecked?: boolean } = {},
): Promise<MmdbFile> {
  try {
    const bytes = await readFile(file)
    const reader = new Reader<Response>(bytes, { cache: decodedValues() })
    if (!isUnchecked) assertWhole(reader, bytes)
    // Reading across the address space finds records that cannot be decoded before an event does.
    for (let octet = 1; octet < 224; octet++) reader.get(`${octet}.${(octet * 37) % 256}.64.1`)
    const answersIpv6 = reader.metadata.ipVersion === 6
    return {
      date: reader.metadata.buildEpoch.toISOString().slice(0, 10),
      get: (ip) => (answersIpv6 || !ip.includes(':') ? (reader.get(ip) ?? undefined) : undefined),
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable'
    throw new Error(`geo database ${file} cannot be used: ${reason}`, { cause })
  }
}

/**
 * The format puts 16 zero bytes between search tree and data: they are elsewhere when the node count lies or bytes are gone.
 * Every leaf of the tree must lie within the data: where the end of them is gone, or the middle, some do not.
 */
function assertWhole(reader: Reader<Response>, bytes: Buffer): void {
  const { searchTreeSize, nodeCount, recordSize } = reader.metadata
  const separator = bytes.subarray(searchTreeSize, searchTreeSize + separatorBytes)
  if (nodeCount === 0 || separator.length < separatorBytes || separator.some((byte) => byte !== 0)) {
    throw new Error('the search tree does not end where the file says')
  }
  const dataBytes = bytes.lastIndexOf(metadataMarker) - searchTreeSize - separatorBytes
  const pointerMax = nodeCount + separatorBytes + dataBytes
  if (largestRecord(bytes, { nodeCount, recordSize }) >= pointerMax) {
    throw new Error('the search tree points behind the data')
  }
}

const separatorBytes = 16
const metadataMarker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')

/** Of both records of every node: 3 or 4 bytes each, or 3 and a half. */
function largestRecord(
  bytes: Buffer,
  { nodeCount, recordSize }: { readonly nodeCount: number; readonly recordSize: number },
): number {
  const nodeBytes = recordSize / 4
  let largest = 0
  for (let node = 0, at = 0; node < nodeCount; node++, at += nodeBytes) {
    let left: number
    let right: number
    if (recordSize === 24) {
      left = bytes.readUIntBE(at, 3)
      right = bytes.readUIntBE(at + 3, 3)
    } else if (recordSize === 28) {
      const middle = bytes[at + 3] ?? 0
      left = (middle >>> 4) * 0x1000000 + bytes.readUIntBE(at, 3)
      right = (middle & 0x0f) * 0x1000000 + bytes.readUIntBE(at + 4, 3)
    } else {
      left = bytes.readUInt32BE(at)
      right = bytes.readUInt32BE(at + 4)
    }
    if (left > largest) largest = left
    if (right > largest) largest = right
  }
  return largest
}

function decodedValues(): { get(key: number): unknown; set(key: number, value: unknown): void } {
  const values = new LRUCache<number, object>({ max: mmdbCacheEntriesMax })
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      if (typeof value === 'object' && value !== null) values.set(key, value)
    },
  }
}
