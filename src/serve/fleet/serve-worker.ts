/** A process of a server: serves the connections that it is given. */

import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { decodeReference } from '../../arrays/index.ts'
import { isOneCopyError } from '../../errors.ts'
import { native, setKernelThreads } from '../../native/index.ts'
import { setRootProcess, type MetricsJson } from '../observe/metrics.ts'
import { makeServer, type ModelServer } from '../server/model-server.ts'
import { connectionState, type FromWorker, type ToWorker } from './fleet-messages.ts'
import { ModelReloader } from './model-reloader.ts'
import { openModels } from './open-models.ts'

/** A connection that another worker had is closed when nothing comes for so long. */
const adoptedSilenceMs = 2000

/** What is known of a connection. */
interface Connection {
  readonly slot: number
  requests: number
  silence: NodeJS.Timeout | undefined
}

const connections = new Map<Socket, Connection>()
const gathering = new Map<number, (all: readonly MetricsJson[]) => void>()
let server: ModelServer | undefined
let reloader: ModelReloader | undefined
let states = new Int32Array()
let isClosing = false
let nextGathering = 1

function tell(message: FromWorker): void {
  // Whoever has started this process may have ended.
  if (process.connected) process.send!(message, undefined, undefined, () => {})
}

// The kernel ends this process with the one that has started it, whatever this one is doing then.
native.dieWithParent(Number(process.argv[2]))
process.on('message', (message: ToWorker, socket?: Socket) => read(message, socket))
// Where the kernel can't do that: nobody hands over connections any more.
process.on('disconnect', () => process.exit(1))
// The one that has started this process tells it what to do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
process.on('uncaughtException', (error) => {
  tell({ kind: 'fault', text: error.stack ?? String(error) })
  process.exit(1)
})

function read(message: ToWorker, socket: Socket | undefined): void {
  switch (message.kind) {
    case 'start':
      void start(message)
      break
    case 'connection':
      if (socket !== undefined) take(socket, message.slot, message.isAdopted)
      else tell({ kind: 'closed', slots: [message.slot] })
      break
    case 'reload':
      void reload(message.files)
      break
    case 'report':
      void report(message.id)
      break
    case 'gathered':
      gathering.get(message.id)?.(message.all)
      gathering.delete(message.id)
      break
    case 'close':
      void close()
  }
}

async function report(id: number): Promise<void> {
  if (server !== undefined)
    tell({ kind: 'reported', id, metrics: await server.service.metrics.json() })
}

async function start(message: ToWorker & { readonly kind: 'start' }): Promise<void> {
  try {
    setKernelThreads(message.threads)
    setRootProcess(process.ppid)
    states = decodeReference(message.states).toTypedArray() as Int32Array<ArrayBuffer>
    const onError = (error: unknown): void =>
      tell({ kind: 'fault', text: error instanceof Error ? error.stack! : String(error) })
    const models = await openModels(message.files)
    server = await makeServer('createServer', models, { ...message.options, onError }, watch)
    reloader = new ModelReloader(server)
    server.service.gatherMetrics = gather
    await server.fastify.ready()
    // Node.js watches over slow clients from this event on, and this server never listens itself.
    server.fastify.server.emit('listening')
    tell({ kind: 'ready' })
  } catch (error) {
    const text = isOneCopyError(error) ? error.message : (error as Error).stack!
    tell({ kind: 'failed', text })
  }
}

/** Keeps account of the requests of each connection. */
function watch(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _, done) => {
    begin(request.raw.socket)
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const found = connections.get(request.raw.socket)
    if (found !== undefined) states[found.slot] = connectionState.answering
    if (isClosing) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', (request, _, done) => {
    finish(request.raw.socket)
    done()
  })
}

function take(socket: Socket, slot: number, isAdopted: boolean): void {
  const connection: Connection = { slot, requests: 0, silence: undefined }
  if (isAdopted) connection.silence = setTimeout(() => socket.destroy(), adoptedSilenceMs).unref()
  connections.set(socket, connection)
  // As sockets of an HTTP server are: a client may send all, and then only listen.
  socket.allowHalfOpen = true
  socket.on('close', () => {
    clearTimeout(connection.silence)
    connections.delete(socket)
    tellClosed(slot)
  })
  server!.fastify.server.emit('connection', socket)
}

function begin(socket: Socket): void {
  const found = connections.get(socket)
  if (found === undefined) return
  clearTimeout(found.silence)
  found.requests++
  states[found.slot] = connectionState.waiting
}

function finish(socket: Socket): void {
  const found = connections.get(socket)
  if (found === undefined) return
  found.requests--
  states[found.slot] = found.requests === 0 ? connectionState.idle : connectionState.waiting
}

const closedSlots: number[] = []

/** One message for all that close in one turn. */
function tellClosed(slot: number): void {
  if (closedSlots.push(slot) > 1) return
  setImmediate(() => tell({ kind: 'closed', slots: closedSlots.splice(0) }))
}

async function reload(files: (ToWorker & { readonly kind: 'reload' })['files']): Promise<void> {
  tell({ kind: 'reloaded', failures: await reloader!.reload(files) })
}

function gather(own: MetricsJson): Promise<readonly MetricsJson[]> {
  const id = nextGathering++
  return new Promise((resolve) => {
    gathering.set(id, resolve)
    tell({ kind: 'gather', id, own })
  })
}

/** Answers what has arrived, then ends the process. */
async function close(): Promise<void> {
  if (isClosing) return
  isClosing = true
  if (server !== undefined) {
    const { service } = server
    service.isClosing = true
    const endMs = performance.now() + service.options.timeoutMs
    const isBusy = (): boolean => [...connections.values()].some(({ requests }) => requests > 0)
    while (isBusy() && performance.now() < endMs)
      await new Promise((resolve) => setTimeout(resolve, 10))
    await server.close()
  }
  process.exit(0)
}
