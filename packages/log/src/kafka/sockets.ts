import { connect, type Socket } from 'node:net'
import type { SocketFactory } from './kafkajs-internals.ts'

const keepAliveMs = 10_000

/**
 * Every open socket by node. kafkajs repeats a timed out request on the same socket, which may be half open for as
 * long as TCP tries (about 15 minutes, kafkajs pull request 1783): whoever sees a timeout destroys the node's sockets.
 */
export class Sockets {
  readonly #open = new Map<string, Set<Socket>>()
  #isClosed = false

  readonly factory: SocketFactory = ({ host, port, onConnect }) => {
    if (this.#isClosed) throw new Error('the client is closed') // kafkajs may still want to connect again (issue 879)
    const socket = connect({ host, port }, onConnect)
    socket.setKeepAlive(true, keepAliveMs)
    socket.setNoDelay(true)
    socket.setMaxListeners(0) // kafkajs calls `unref` on a closed socket with each disconnect, a listener each time
    const address = `${host}:${port}`
    const sockets = this.#open.get(address) ?? new Set()
    this.#open.set(address, sockets.add(socket))
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  /** Ends the connections to one node, or to all; requests under way are rejected. */
  destroy(why: string, node?: { readonly host: string; readonly port: number }): void {
    const addresses = node === undefined ? [...this.#open.keys()] : [`${node.host}:${node.port}`]
    for (const address of addresses) {
      // With an error, because kafkajs does not listen for `close`.
      for (const socket of this.#open.get(address) ?? []) socket.destroy(new Error(why))
    }
  }

  close(): void {
    this.#isClosed = true
    this.destroy('closed')
  }
}
