const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

/** The body without the mark that some clients put in front of UTF-8. */
export function withoutMark(body: Buffer): Buffer {
  const head = body.subarray(0, byteOrderMark.length)
  return head.equals(byteOrderMark) ? body.subarray(byteOrderMark.length) : body
}
