/** What any producer on Fastify costs at least: the body is read, nothing is looked at, nothing is stored, 202 is answered. */
import { fastify } from 'fastify'

const server = fastify({ logger: false })
server.removeAllContentTypeParsers()
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
  done(null, body)
})
server.post('/api/event', (_request, reply) =>
  reply.code(202).header('content-type', 'text/plain; charset=utf-8').send('ok'),
)
server.get('/readyz', (_request, reply) => reply.send({ status: 'ready' }))
process.once('SIGTERM', () => void server.close())
await server.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
