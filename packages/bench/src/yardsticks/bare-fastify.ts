/** What any producer on Fastify costs at least: the body is read, nothing is looked at, nothing is stored, 202 is answered. */
import { fastify } from 'fastify'
import { stopSignal, yardstickOptions } from './yardstick.ts'

const { port } = yardstickOptions() as { port: number }
const server = fastify({ logger: false })
server.removeAllContentTypeParsers()
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
  done(null, body)
})
server.post('/api/event', (_request, reply) =>
  reply.code(202).header('content-type', 'text/plain; charset=utf-8').send('ok'),
)
server.get('/readyz', (_request, reply) => reply.send({ status: 'ready' }))
await server.listen({ host: '127.0.0.1', port })
await stopSignal()
await server.close()
process.disconnect()
