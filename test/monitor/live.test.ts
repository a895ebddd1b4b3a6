/** The live page: who may see it, and what it is told. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { after, test } from 'node:test'
import { parse } from 'acorn'
import { MemoryReport, openLivePage } from '../../src/monitor/index.ts'
import type { LivePage } from '../../src/monitor/index.ts'
import { feedOf } from '../../src/monitor/live/feed.ts'
import type { RunData } from '../../src/monitor/record/run-data.ts'
import { fakeMonitor } from './fake-monitor.ts'
import { sharedRun } from './runs.ts'

const page = await openLivePage({ title: 'node <b>fit</b>.js' })
after(() => page.close())

interface Reply {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Asks the server of a page, with any method, path and headers. */
async function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; of?: LivePage } = {},
): Promise<Reply> {
  const { port } = new URL((options.of ?? page).url)
  const asked = request({ host: '127.0.0.1', port, path, agent: false, ...options })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks: string[] = []
  for await (const chunk of response.setEncoding('utf8')) chunks.push(String(chunk))
  return { status: response.statusCode, headers: response.headers, body: chunks.join('') }
}

const path = new URL(page.url).pathname

test('the page has an address that nobody can guess, and needs nothing from elsewhere', async () => {
  assert.match(page.url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/)
  const { status, headers, body } = await ask(path)
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/html; charset=utf-8')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['referrer-policy'], 'no-referrer')
  const policy = String(headers['content-security-policy'])
  assert.match(
    policy,
    /^default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  )
  assert.doesNotMatch(policy, /unsafe/)
  assert.match(body, /<h1 id="title">node &lt;b&gt;fit&lt;\/b&gt;\.js<\/h1>/)
  assert.doesNotMatch(body.replaceAll(/<script>.*?<\/script>/gs, ''), /(?:src|href)="(?!data:,")/)
})

test('the script of the page is JavaScript that every browser of the last years knows', async () => {
  const { body } = await ask(path)
  const scripts = [...body.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script]) => script!)
  assert.equal(scripts.length, 1)
  for (const script of scripts) parse(script, { ecmaVersion: 2023, sourceType: 'script' })
})

test('without the token there is nothing, whatever is asked', async () => {
  const token = path.slice(1, -1)
  for (const wrong of [
    '/',
    '/favicon.ico',
    '/events',
    `/${token}`,
    `/${token.slice(1)}x/`,
    `/${token}x/`,
    `/${token.toUpperCase()}/events`,
    `//${token}/`,
    `/${token}/../`,
    `/${token}/events/`,
    `/${token}/other`,
    `/${token}/?x`,
    `/%2e/${token}/`,
  ]) {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const { status, body } = await ask(wrong, { method })
      assert.deepEqual([wrong, method, status, body], [wrong, method, 404, 'Not found\n'])
    }
  }
})

test('nothing but GET is answered', async () => {
  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    for (const at of [path, `${path}events`]) {
      const { status, headers } = await ask(at, { method })
      assert.deepEqual([method, status, headers.allow], [method, 405, 'GET'])
    }
  }
})

test('connections that show no token keep nobody out, however many and slow they are', async () => {
  const { port } = new URL(page.url)
  const reader = request({ host: '127.0.0.1', port, path: `${path}events`, agent: false })
  reader.end()
  const [stream] = (await once(reader, 'response')) as [IncomingMessage]
  let isCut = false
  stream.once('close', () => (isCut = true))
  const strangers = Array.from({ length: 300 }, () => connect({ host: '127.0.0.1', port: +port }))
  for (const socket of strangers) socket.on('error', () => undefined)
  await Promise.all(strangers.map((socket) => once(socket, 'connect')))
  for (const socket of strangers) socket.write('GET /slow HTTP/1.1\r\nHost: ')
  assert.equal((await ask(path)).status, 200)
  assert.equal(isCut, false, 'who has the token stays')
  for (const socket of strangers) socket.destroy()
  reader.destroy()
})

test('a name that was made to point here is not ours', async () => {
  const { port } = new URL(page.url)
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    `127.0.0.1:${Number(port) + 1}`,
  ]) {
    for (const at of [path, `${path}events`]) {
      assert.equal((await ask(at, { headers: { host } })).status, 404, host)
    }
  }
  assert.equal((await ask(path, { headers: { host: `localhost:${port}` } })).status, 200)
  const { headers } = await ask(path, { headers: { origin: 'https://evil.example' } })
  assert.equal(headers['access-control-allow-origin'], undefined)
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
})

test('no other address of this machine listens', async (t) => {
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address, family }) => family === 'IPv4' && address !== '127.0.0.1')
  if (others.length === 0) return t.skip('this machine has no other address')
  for (const { address } of others) {
    const socket = connect({ host: address, port: Number(new URL(page.url).port) })
    await assert.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' })
  }
})

test('a port that is taken, or none at all, is refused in plain words', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  await assert.rejects(openLivePage({ port }), {
    code: 'ERR_SYSTEM',
    message: `Can't open a page on port ${port}: it is in use. Choose another one, or 0 for any free port.`,
    details: { port },
  })
  taken.close()
  await assert.rejects(openLivePage({ port: 70_000 }), {
    code: 'ERR_OPTION',
    message:
      'Expected `port` to be a whole number from 0 to 65535, got 70000. 0 takes any free port.',
  })
  await assert.rejects(openLivePage({ port: '80' as never }), {
    name: 'TypeError',
    message: "Expected `port` to be a number, got '80'.",
  })
})

test('what is no monitor or no report is refused in plain words', async () => {
  const page = await openLivePage()
  try {
    assert.throws(() => page.follow(5 as never), {
      name: 'TypeError',
      message: 'Expected `monitor` to be what startMonitor() returned, got 5.',
    })
    assert.throws(() => page.follow(undefined as never), {
      name: 'TypeError',
      message: 'Expected `monitor` to be what startMonitor() returned, got undefined.',
    })
    assert.throws(() => page.end(Promise.resolve() as never), {
      name: 'TypeError',
      message:
        'Expected `report` to be what `await monitor.stop()` returned, got an object of class Promise.',
    })
  } finally {
    page.close()
  }
})

/** The events of a page from now on, as names and data. */
async function events(of: LivePage): Promise<AsyncIterator<readonly [string, Feed], undefined>> {
  const response = await fetch(`${of.url}events`)
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  async function* read(): AsyncGenerator<readonly [string, Feed], undefined> {
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end))!
        text = text.slice(end + 2)
        yield [name!, JSON.parse(data!) as Feed]
      }
    }
    return undefined
  }
  return read()
}

interface Feed {
  readonly title: string
  readonly times: number[]
  readonly hard: number[]
  readonly phases: [string, number, number, boolean][]
  readonly processes: { readonly pid: number; readonly first: number; readonly own: number[] }[]
}

test('a reader gets the run so far, then what comes, then how it ended', async () => {
  const run = sharedRun()
  const monitor = fakeMonitor(run, 20_000)
  const live = await openLivePage({ title: 'fit' })
  const early = await events(live)
  live.follow(monitor)
  const [name, history] = (await early.next()).value!
  assert.deepEqual([name, history.title], ['run', 'fit'])
  assert.deepEqual(
    history.times,
    Array.from(
      run.times.filter((ms) => ms <= 20_000),
      Math.round,
    ),
  )
  monitor.untilMs = 25_000
  const [more, feed] = (await early.next()).value!
  assert.equal(more, 'more')
  assert.deepEqual(
    feed.times,
    Array.from(
      run.times.filter((ms) => ms > 20_000 && ms <= 25_000),
      Math.round,
    ),
  )
  assert.deepEqual(feed.phases, [
    ['load', 2000, 10_000, true],
    ['share', 10_000, 13_000, true],
    ['fit K folds', 13_000, 25_000, true],
  ])
  const late = await events(live)
  assert.equal(
    (await late.next()).value![1].times.length,
    run.times.filter((ms) => ms <= 25_000).length,
  )
  live.end(new MemoryReport({ ...run, ending: { exitCode: 3 } }))
  for (const reader of [early, late]) {
    const [last, rest] = (await reader.next()).value!
    assert.equal(last, 'more')
    assert.equal(rest.times.at(-1), 60_000)
    assert.deepEqual((await reader.next()).value, ['end', { exitCode: 3 }])
    assert.equal((await reader.next()).done, true)
  }
  await assert.rejects(fetch(live.url))
})

test('the phases that part the run are bands, whichever threads marked them', () => {
  const phase = (name: string, startMs: number, endMs: number, pid: number) =>
    ({ name, startMs, endMs, pid, level: 0 }) as const
  const bands = (phases: RunData['phases']): string =>
    feedOf({ ...sharedRun(), phases })
      .phases.filter(([, , , isBand]) => isBand)
      .map(([name]) => name)
      .join()
  const short = [phase('prepare', 0, 1000, 2), phase('load', 1000, 4000, 1)]
  const long = [phase('fit', 4000, 9000, 1), phase('help', 5000, 8000, 3)]
  assert.equal(bands([...short, ...long]), 'prepare,load,fit')
  const whole = phase('whole', 0, 60_000, 4)
  assert.equal(
    bands([whole, ...short, ...long]),
    'prepare,load,fit',
    'one around all parts nothing',
  )
  assert.equal(bands([whole]), 'whole')
})

test('a reader of the last moment gets the whole run', async () => {
  const run = sharedRun()
  const live = await openLivePage()
  const reader = await events(live)
  live.end(new MemoryReport(run))
  const [name, { times, title }] = (await reader.next()).value!
  assert.deepEqual([name, times.length, title], ['run', 600, 'memory'])
  assert.deepEqual((await reader.next()).value, ['end', {}])
})

test('an open page with a reader keeps no program alive', () => {
  const program = `
    import { get } from 'node:http'
    import { openLivePage, startMonitor } from ${JSON.stringify(new URL('../../src/monitor/index.ts', import.meta.url).href)}
    const page = await openLivePage()
    page.follow(startMonitor())
    get(page.url + 'events', (response) => {
      response.socket.unref()
      console.log(response.statusCode)
    })`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(output, '200\n')
})
