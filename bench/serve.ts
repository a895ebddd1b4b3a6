/** Requests a second of served models, against a bare route and FastAPI. */

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { array, type NDArray, saveArray, zeros } from '../src/arrays/index.ts'
import { formatBytes, formatNumber } from '../src/format.ts'
import { GradientBoostingRegressor, KNeighborsRegressor } from '../src/learn/index.ts'
import { saveModel } from '../src/models/index.ts'
import { sampleTree } from '../src/monitor/index.ts'
import {
  describeMachine,
  formatMachine,
  formatTable,
  inTemporaryFolder,
  median,
  record,
} from './harness.ts'

const columns = 20
const trainedRows = 20_000
const largeRows = 1000
const seconds = Number(process.env['SECONDS'] ?? 3)
const rounds = Number(process.env['ROUNDS'] ?? 3)
const connections = Number(process.env['CONNECTIONS'] ?? 64)
const machine = describeMachine()

/** The command as users get it, where it was built. */
const built = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const command = existsSync(join(built, '../../serve/index.js'))
  ? built
  : fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

/** A server in a process of its own. */
interface Server {
  readonly url: string
  readonly process: ChildProcess
}

/** Starts a server, which prints its address. */
async function start(program: string, args: readonly string[]): Promise<Server | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  const lines = createInterface({ input: child.stdout })
  lines.on('error', () => {})
  for (let tries = 0; tries < 1200 && child.exitCode === null; tries++) {
    const [url] = /http:\/\/[\d.]+:\d+/.exec(said) ?? []
    if (url !== undefined) return { url, process: child }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  console.log(
    `${program} ${args[0]} doesn't run here and is left out: ${said.trim().split('\n').at(-1)}\n`,
  )
  return undefined
}

/** Columns of noise, and a target that follows some of them. */
function makeRows(n: number): { X: NDArray<'float64'>; y: Float64Array } {
  const X = zeros([n, columns], 'float64')
  let state = 12345
  for (let i = 0; i < X.size; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    X.data[i] = state / 2 ** 32
  }
  const y = Float64Array.from({ length: n }, (_, i) => {
    const at = i * columns
    return 10 * Math.sin(X.data[at]! * X.data[at + 1]!) + 5 * X.data[at + 2]! + X.data[at + 3]! ** 2
  })
  return { X, y }
}

/** What a load test has found. */
interface Figures {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

type Request = Pick<autocannon.Options, 'url' | 'body' | 'headers'>

async function shoot(request: Request, clients: number): Promise<Figures> {
  const options = { ...request, method: 'POST', connections: clients } as const
  const found = await autocannon({ ...options, duration: seconds })
  if (found.non2xx + found.errors > 0)
    throw new Error(
      `${found.non2xx} answers of ${request.url} were no success, ${found.errors} failed.`,
    )
  return {
    perSecond: found.requests.total / found.duration,
    p50: found.latency.p50,
    p99: found.latency.p99,
  }
}

/** Runs load tests in turn, after one round that warms up; medians. */
async function compareLoads<Requests extends Readonly<Record<string, Request>>>(
  requests: Requests,
  clients: number,
): Promise<{ readonly [Name in keyof Requests]: Figures }> {
  const found = new Map<string, Figures[]>()
  for (let round = 0; round <= rounds; round++)
    for (const [name, request] of Object.entries(requests)) {
      const figures = await shoot(request, clients)
      if (round > 0) found.set(name, [...(found.get(name) ?? []), figures])
    }
  const middle = (list: readonly Figures[]): Figures => ({
    perSecond: median(list.map(({ perSecond }) => perSecond)),
    p50: median(list.map(({ p50 }) => p50)),
    p99: median(list.map(({ p99 }) => p99)),
  })
  const medians = Object.fromEntries([...found].map(([name, list]) => [name, middle(list)]))
  return medians as { [Name in keyof Requests]: Figures }
}

function print(title: string, found: Readonly<Record<string, Figures>>, rowsEach: number): void {
  const rows = Object.entries(found).map(([name, { perSecond, p50, p99 }]) => [
    name,
    formatNumber(Math.round(perSecond)),
    formatNumber(Math.round(perSecond * rowsEach)),
    `${p50} ms`,
    `${p99} ms`,
  ])
  console.log(`${title}\n${formatTable([['', 'requests/s', 'rows/s', 'p50', 'p99'], ...rows])}\n`)
}

const json = { 'content-type': 'application/json' }

/** The same rows as JSON tensors and as bytes behind the JSON. */
function inferRequests(url: string, X: NDArray<'float64'>): { json: Request; binary: Request } {
  const [n] = X.shape
  const head = { name: 'X', shape: [n, columns], datatype: 'FP64' }
  const data = Buffer.from(X.data.buffer, X.data.byteOffset, X.size * 8)
  const text = Buffer.from(
    JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: [{ ...head, parameters: { binary_data_size: data.length } }],
    }),
  )
  const path = `${url}/v2/models/model/infer`
  return {
    json: {
      url: path,
      headers: json,
      body: JSON.stringify({ inputs: [{ ...head, data: [...X.data] }] }),
    },
    binary: {
      url: path,
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(text.length),
      },
      body: Buffer.concat([text, data]),
    },
  }
}

/** Memory of a server of four processes on a model of 1 GB, when all have predicted. */
async function measureMemory(folder: string): Promise<object> {
  const X = zeros([1_000_000, 128], 'float64')
  for (let i = 0; i < X.size; i++) X.data[i] = (i * 0.618_033_988_749) % 1
  const y = Float64Array.from({ length: 1_000_000 }, (_, i) => i % 97)
  const path = join(folder, 'near.onecopy')
  await saveModel(await new KNeighborsRegressor({ algorithm: 'brute' }).fit(X, y), path)
  const args = [command, 'serve', `model=${path}`, '--port', '0', '--workers', '4']
  const server = await start(process.execPath, args)
  if (server === undefined) throw new Error('The server has not started.')
  try {
    const body = JSON.stringify([[...X.data.subarray(0, 128)]])
    // Each connection goes to the worker that has the fewest.
    const request = { url: `${server.url}/predict`, method: 'POST', body, headers: json } as const
    await autocannon({ ...request, connections: 8, amount: 32 })
    const { hard, fileBacked, pss } = sampleTree(server.process.pid, { pss: true })
    const shown = [hard, fileBacked, pss].map((bytes) => formatBytes(bytes))
    console.log(
      `4 processes on a model of 1.02 GB: hard ${shown[0]}, file ${shown[1]}, PSS of all ${shown[2]}\n`,
    )
    return { hard, fileBacked, pss }
  } finally {
    server.process.kill()
  }
}

console.log(`${formatMachine(machine)}; ${connections} connections, ${seconds} s each\n`)
await inTemporaryFolder(async (folder) => {
  const { X, y } = makeRows(trainedRows)
  const model = await new GradientBoostingRegressor({ maxIter: 100 }).fit(X, y)
  await saveModel(model, join(folder, 'model.onecopy'))
  const table = zeros([trainedRows, columns + 1], 'float64')
  for (let i = 0; i < trainedRows; i++) {
    table.data[i * (columns + 1)] = y[i]!
    table.data.set(X.data.subarray(i * columns, (i + 1) * columns), i * (columns + 1) + 1)
  }
  await saveArray(join(folder, 'table.npy'), table)
  const args = [command, 'serve', join(folder, 'model.onecopy'), '--port', '0']
  const ours = await start(process.execPath, args)
  const bare = await start(process.execPath, [
    fileURLToPath(new URL('./tasks/bare-route.ts', import.meta.url)),
  ])
  const peer = await start(process.env['PYTHON'] ?? '/usr/bin/python3', [
    fileURLToPath(new URL('./tasks/serve-peer.py', import.meta.url)),
    join(folder, 'table.npy'),
    folder,
  ])
  if (ours === undefined || bare === undefined) throw new Error('A server has not started.')
  try {
    const one = array(X.data.slice(0, columns), { shape: [1, columns] })
    const many = array(X.data.slice(0, largeRows * columns), { shape: [largeRows, columns] })
    const single = await compareLoads(
      {
        onecopy: inferRequests(ours.url, one).json,
        'bare route': inferRequests(bare.url, one).json,
      },
      connections,
    )
    print('Single rows as JSON', single, 1)
    const ratio = single.onecopy.perSecond / single['bare route'].perSecond
    const slower = single.onecopy.p99 / single['bare route'].p99
    console.log(`requests/s: ${ratio.toFixed(2)} x the bare route; p99: ${slower.toFixed(2)} x\n`)
    const rows = Array.from({ length: largeRows }, (_, i) => [
      ...X.data.subarray(i * columns, (i + 1) * columns),
    ])
    const requests: Record<string, Request> = {
      onecopy: inferRequests(ours.url, many).binary,
      'onecopy, JSON': inferRequests(ours.url, many).json,
    }
    if (peer !== undefined)
      requests['FastAPI'] = {
        url: `${peer.url}/predict`,
        headers: json,
        body: JSON.stringify(rows),
      }
    const large = await compareLoads(requests, 8)
    print(`${largeRows} rows a request`, large, largeRows)
    const fastapi = large['FastAPI']
    if (fastapi !== undefined)
      console.log(
        `rows/s: ${(large['onecopy']!.perSecond / fastapi.perSecond).toFixed(1)} x FastAPI\n`,
      )
    const memory = process.argv.includes('--memory') ? await measureMemory(folder) : undefined
    record('serve', machine, { connections, seconds, single, large, memory })
  } finally {
    for (const server of [ours, bare, peer]) server?.process.kill()
  }
})
