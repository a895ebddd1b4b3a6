/** Damaged requests to a live page: refused, never answered with what is behind the token. */

import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { openLivePage } from '../../src/monitor/index.ts'
import { randomRuns } from '../random-runs.ts'
import { noise } from './runs.ts'

/** More of them, such as 300,000: `ONECOPY_FUZZ_RUNS=300000 node --test test/monitor/live-fuzz.test.ts`. */
const runs = randomRuns(400, 2000)

/** At most so many connections at a time. */
const lanes = 8

test('a damaged request is refused, gives nothing away, and harms no other', async () => {
  const page = await openLivePage({ title: 'fuzz' })
  try {
    const { host, port, pathname } = new URL(page.url)
    const statuses = new Map<string, number>()
    let next = 0
    const lane = async (): Promise<void> => {
      for (let seed = next++; seed < runs; seed = next++) {
        const request = makeRequest(noise(seed * 7919 + 13), pathname, host)
        const reply = await exchange(Number(port), request, seed)
        const status = /^HTTP\/1\.1 (\d+) /.exec(reply)?.[1] ?? 'closed'
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        const where = `seed ${seed}: ${JSON.stringify(request.slice(0, 300))}`
        assert.ok(known.has(status) || reply === '', `${where} gave ${reply.slice(0, 100)}`)
        // Node takes several spaces for one.
        const isAllowed = ['GET ', pathname, host].every((part) => request.includes(part))
        assert.ok(isAllowed || !/doctype|event-stream/.test(reply), `${where} was answered`)
        // That there is a page shows only to those who know where it is.
        assert.ok(request.includes(pathname) || status !== '405', `${where} gave 405`)
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    for (const status of ['200', '404', '405', 'closed']) {
      assert.ok((statuses.get(status) ?? 0) > runs / 200, JSON.stringify([...statuses]))
    }
    assert.match(await (await fetch(page.url)).text(), /doctype/)
  } finally {
    page.close()
  }
})

/** What a request may get; Node itself answers the last ones. */
const known = new Set(['200', '404', '405', '400', '408', '413', '417', '431', '501', '505'])

/** Sends bytes and takes what comes, up to the end or the head of a stream of events. */
function exchange(port: number, request: string, seed: number): Promise<string> {
  return new Promise((resolve, reject) => {
    // Addresses in turn, since one has not enough ports for so many connections.
    const localAddress = `127.0.${1 + (seed % 200)}.1`
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    let reply = ''
    const deadline = setTimeout(() => {
      socket.destroy()
      reject(new Error(`No end after 30 s: seed ${seed}`))
    }, 30_000)
    socket.on('data', (data) => {
      reply += data.toString('latin1')
      if (/text\/event-stream[\s\S]*\r\n\r\n/.test(reply)) socket.destroy()
    })
    // A server that has seen enough may reset the connection.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(deadline)
      resolve(reply.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''))
    })
    socket.end(Buffer.from(request, 'latin1'))
  })
}

/** A request that is right at first, changed at some places. */
function makeRequest(random: () => number, path: string, host: string): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const target = pick([path, path, `${path}events`, '/', path.slice(0, -2), `${path}?x`, '*'])
  const method = pick(['GET', 'GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE', 'PRI'])
  const headers = [`Host: ${pick([host, host, host, 'evil.example', ''])}`, 'Connection: close']
  for (let i = 0; i < random() * 3; i++) headers.push(pick(odd))
  let text = `${method} ${target} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${pick(bodies)}`
  for (let i = Math.floor(random() * 3); i > 0; i--) {
    const at = Math.floor(random() * text.length)
    const length = Math.floor(random() * 12)
    text = pick([
      text.slice(0, at) + pick(pieces) + text.slice(at + length),
      text.slice(0, at),
      text.slice(0, at) + text.slice(at, at + length).repeat(3) + text.slice(at + length),
    ])
  }
  return text
}

const odd = [
  'Host: 127.0.0.1',
  'Transfer-Encoding: chunked',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Origin: https://evil.example',
  'X-Forwarded-Host: evil.example',
  'Last-Event-ID: 9',
  `X: ${'a'.repeat(20_000)}`,
]
const bodies = [
  '',
  '',
  'x',
  '5\r\nhello\r\n0\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  '\u0000'.repeat(50),
]
const pieces = ['\u0000', '\r\n', '\n', ' ', '/', '..', '%2e', '\u00ff', 'HTTP/2.0', ':', '\t', '?']
