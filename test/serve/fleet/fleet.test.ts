/** Servers of several processes: one port, one copy, and deaths of workers. */

import assert from 'node:assert/strict'
import { copyFileSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { ModelReloader } from '../../../src/serve/fleet/model-reloader.ts'
import { startService } from '../../../src/serve/internal.ts'
import { parseModelFiles } from '../../../src/serve/internal.ts'
import { outlastSlowClientsAt, slowLimits } from '../http/slow-clients.ts'
import { childProcesses, load, predict, RawConnection, serveFile, until } from './services.ts'

test('one service of two processes', async (part) => {
  const { service } = await serveFile(part)

  await part.test('several processes share one port, and their metrics add up', async (t) => {
    assert.equal(new Set(service.pids).size, 2)
    const clients = [new RawConnection(service.url), new RawConnection(service.url)]
    t.after(() => clients.forEach(({ socket }) => socket.destroy()))
    for (let i = 0; i < 5; i++)
      for (const client of clients) {
        client.send('[[0,0]]')
        await until(() => client.text.endsWith('}'), 'there is an answer')
        assert.match(client.text, /^HTTP\/1.1 200 OK/)
      }
    for (let i = 0; i < 4; i++) {
      const text = await (await fetch(`${service.url}/metrics`)).text()
      assert.match(text, /^onecopy_requests_total\{route="predict",code="200"\} 10$/m)
      assert.match(text, /^onecopy_memory_bytes\{kind="anonymous"\} \d+$/m)
    }
  })

  await part.test('when all workers have died, connections wait for the next one', async () => {
    for (const pid of service.pids) process.kill(pid, 'SIGKILL')
    await until(() => service.pids.length === 0, 'all are gone')
    assert.deepEqual(await predict(service.url), { status: 200, value: 1 })
  })

  await part.test('closing answers what has arrived, and ends the workers', async () => {
    await until(() => service.pids.length === 2, 'both are there')
    const pids = [...service.pids]
    const client = new RawConnection(service.url)
    client.send('[[0,', 7)
    const text = async (): Promise<string> => (await fetch(`${service.url}/metrics`)).text()
    await until(async () => /^onecopy_body_bytes 4$/m.test(await text()), 'the request is there')
    const closed = service.close()
    client.socket.write('0]]')
    await until(() => client.text.endsWith('}'), 'there is an answer')
    assert.match(client.text, /^HTTP\/1.1 200 OK\r\n[^]*connection: close\r\n/i)
    await closed
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    await assert.rejects(fetch(service.url))
  })
})

test('a worker that dies: its request gets 503, idle connections live on, another one starts', async (t) => {
  const { service, notes } = await serveFile(t)
  const idle = [0, 1].map(() => new RawConnection(service.url))
  const busy = [0, 1].map(() => new RawConnection(service.url))
  t.after(() => [...idle, ...busy].forEach(({ socket }) => socket.destroy()))
  for (const client of idle) {
    client.send('[[0,0]]')
    await until(() => client.text.endsWith('}'), 'there is an answer')
  }
  // Half a body: the worker has the request, and waits.
  for (const client of busy) client.send('[[0,', 7)
  const total = async (): Promise<string> => (await fetch(`${service.url}/metrics`)).text()
  await until(
    async () => / 8$/m.test((await total()).match(/^onecopy_body_bytes.*/m)![0]),
    'bodies came',
  )
  const [victim] = service.pids
  process.kill(victim!, 'SIGKILL')
  await until(() => busy.some(({ isClosed }) => isClosed), 'a request is answered')
  const lost = busy.filter(({ isClosed }) => isClosed)
  assert.equal(lost.length, 1)
  const [head, body] = lost[0]!.text.split('\r\n\r\n')
  assert.match(head!, /^HTTP\/1.1 503 Service Unavailable\r\n/)
  assert.match(head!, /\r\nRetry-After: 1\r\n/)
  assert.deepEqual(JSON.parse(body!), {
    error: 'The worker process that had this request has ended (SIGKILL). Send the request again.',
  })
  // The other worker has the connection now.
  for (const client of idle) {
    client.send('[[0,0]]')
    await until(() => client.text.endsWith('}'), 'there is an answer')
    assert.match(client.text, /^HTTP\/1.1 200 OK/)
  }
  for (const client of busy.filter(({ isClosed }) => !isClosed)) {
    client.socket.write('0]]')
    await until(() => client.text.endsWith('}'), 'there is an answer')
    assert.match(client.text, /^HTTP\/1.1 200 OK/)
  }
  await until(() => service.pids.length === 2, 'there is another worker')
  assert.ok(!service.pids.includes(victim!))
  assert.deepEqual(notes, [`Worker ${victim} has ended (SIGKILL); another one starts.`])
})

for (const workers of [1, 2])
  test(`reloads under load lose no request, and a damaged file changes nothing (${workers} processes)`, async (t) => {
    const { service, path, replace, notes } = await serveFile(t, { workers })
    const running = load(service.url)
    for (let i = 1; i <= 6; i++) {
      const seen = running.answers.length
      replace(i % 2 === 1)
      await service.reload()
      await until(() => running.answers.length > seen + 20, 'answers come')
    }
    const answers = await running.stop()
    assert.deepEqual(
      answers.filter(({ status }) => status !== 200),
      [],
    )
    assert.deepEqual(new Set(answers.map(({ value }) => value)), new Set([1, 11]))
    assert.deepEqual(notes, [])
    writeFileSync(`${path}.new`, 'no model')
    renameSync(`${path}.new`, path)
    await service.reload()
    assert.equal(notes.length, workers)
    assert.match(notes[0]!, /^Kept the model before: /)
    assert.deepEqual(await predict(service.url), { status: 200, value: 1 })
  })

test('workers killed under load: only their requests fail, with a reason', async (t) => {
  const { service } = await serveFile(t)
  const running = load(service.url)
  for (let i = 0; i < 2; i++) {
    await until(() => service.pids.length === 2, 'both are there')
    const seen = running.answers.length
    await until(() => running.answers.length > seen + 30, 'answers come')
    const victim = service.pids[0]!
    process.kill(victim, 'SIGKILL')
    await until(() => !service.pids.includes(victim), 'it is gone')
  }
  const seen = running.answers.length
  await until(() => running.answers.length > seen + 30, 'answers come')
  const answers = await running.stop()
  const failed = answers.filter(({ status }) => status !== 200)
  assert.ok(failed.length <= 2 * 6, `${failed.length} failed`)
  for (const { status, value } of failed) {
    // An answer that had begun can only be broken off.
    if (status === 0) assert.match(String(value), /other side closed|ECONNRESET/)
    else {
      assert.equal(status, 503)
      assert.match(String(value), /^The worker process that had this request has ended/)
    }
  }
})

test('slow clients of several processes lose their connections', async (t) => {
  const { service } = await serveFile(t, slowLimits)
  await outlastSlowClientsAt(t, service.url, 50)
})

test('a worker that hangs while it starts ends the first start', async (t) => {
  const { path } = await serveFile(t, { workers: 1 })
  const before = childProcesses()
  const started = startService({
    files: [{ name: 'a', path }],
    workers: 2,
    port: 0,
    host: '127.0.0.1',
    options: {},
    isWatching: false,
    onNote: () => {},
    startMs: 300,
  })
  const workers = childProcesses().filter((pid) => !before.includes(pid))
  assert.equal(workers.length, 2)
  process.kill(workers[0]!, 'SIGSTOP')
  await assert.rejects(started, {
    code: 'ERR_SYSTEM',
    message:
      'A worker process was not ready after 0.3 s. Look whether the file system of the models answers.',
  })
  await until(() => workers.every((pid) => !childProcesses().includes(pid)), 'they have ended')
})

test('a worker that hangs does not keep the server from closing', async (t) => {
  const { service } = await serveFile(t, { timeoutMs: 200 })
  const { pids } = service
  process.kill(pids[0]!, 'SIGSTOP')
  await service.close()
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
})

test('a changed file is opened anew while it is watched', async (t) => {
  const { service, replace, path, notes } = await serveFile(t, { workers: 1, isWatching: true })
  assert.deepEqual(await predict(service.url), { status: 200, value: 1 })
  replace(true)
  await until(async () => (await predict(service.url)).value === 11, 'the new model answers')
  assert.deepEqual(notes, [`${path} has changed.`])
})

test('a watched file may be written in place, be removed, and come back', async (t) => {
  const { service, path, replace, notes } = await serveFile(t, { workers: 1, isWatching: true })
  const other = `${path}.other`
  replace(true)
  await until(async () => (await predict(service.url)).value === 11, 'it was replaced')
  copyFileSync(path, other)
  replace(false)
  await until(async () => (await predict(service.url)).value === 1, 'it was replaced again')
  copyFileSync(other, path)
  await until(() => notes.length === 3, 'writing in place is noticed')
  await until(async () => (await predict(service.url)).value === 11, 'it was written in place')
  unlinkSync(path)
  assert.deepEqual(await predict(service.url), { status: 200, value: 11 })
  // What can't be looked at is nothing.
  symlinkSync('line.onecopy', path)
  await new Promise((resolve) => setTimeout(resolve, 600))
  assert.deepEqual(await predict(service.url), { status: 200, value: 11 })
  replace(false)
  await until(async () => (await predict(service.url)).value === 1, 'it has come back')
  assert.deepEqual(
    notes,
    Array.from({ length: 4 }, () => `${path} has changed.`),
  )
})

test('of two reloads the later one lasts', async (t) => {
  const { path } = await serveFile(t, { workers: 1 })
  const events: string[] = []
  const reloader = new ModelReloader({
    put: async (name) => {
      events.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, name === 'first' ? 20 : 0))
      events.push(`${name} ends`)
    },
  })
  await Promise.all(['first', 'second'].map((name) => reloader.reload([{ name, path }])))
  assert.deepEqual(events, ['first begins', 'first ends', 'second begins', 'second ends'])
})

test('a file that is not there, and a port that is taken, end the start', async (t) => {
  const { service } = await serveFile(t, { workers: 1 })
  const port = Number(new URL(service.url).port)
  const setup = { workers: 2, host: '127.0.0.1', options: {}, isWatching: false, onNote: () => {} }
  const missing = [{ name: 'a', path: '/there/is/nothing.onecopy' }]
  await assert.rejects(startService({ ...setup, files: missing, port: 0 }), { code: 'ERR_FILE' })
  await assert.rejects(startService({ ...setup, workers: 1, files: missing, port: 0 }), {
    code: 'ERR_FILE',
  })
  const { path } = await serveFile(t, { workers: 1 })
  await assert.rejects(startService({ ...setup, files: [{ name: 'a', path }], port }), {
    code: 'ERR_SYSTEM',
  })
})

test('models are named by their files, or as they are told', () => {
  assert.deepEqual(parseModelFiles(['models/price v2.onecopy', 'cut=a=b.onecopy', './x']), [
    { name: 'price-v2', path: 'models/price v2.onecopy' },
    { name: 'cut', path: 'a=b.onecopy' },
    { name: 'x', path: './x' },
  ])
  assert.throws(() => parseModelFiles(['a/m.onecopy', 'b/m.onecopy']), { code: 'ERR_OPTION' })
})
