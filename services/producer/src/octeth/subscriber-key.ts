import type { Subscriber } from '@millrace/protocols'

/** Tells one subscriber from every other. */
export function subscriberKey({ site, listId, emailHash }: Subscriber): string {
  return `${emailHash} ${String(listId)} ${site}`
}
