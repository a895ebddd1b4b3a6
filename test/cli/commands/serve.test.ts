/** The command `onecopy serve`: starts, reloads, ends, refuses. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, renameSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { StandardScaler } from '../../../src/learn/index.ts'
import { saveModel } from '../../../src/models/index.ts'
import { temporaryFolder } from '../../arrays/temporary-folder.ts'
import { childProcesses, predict, RawConnection, until } from '../../serve/fleet/services.ts'
import { higherModel, linearModel } from '../../serve/models.ts'
import { program } from '../run-command.ts'

/** The command in a process of its own, and what it has said. */
function run(t: TestContext, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [program, 'serve', ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  t.after(() => child.kill('SIGKILL'))
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => (said.stdout += String(text)))
  child.stderr.on('data', (text) => (said.stderr += String(text)))
  const ended = once(child, 'exit')
  const started = async (): Promise<string> => {
    await until(() => /http:\S+/.test(said.stderr), `it listens:\n${said.stderr}`)
    return /http:\S+/.exec(said.stderr)![0]
  }
  return { child, said, ended, started }
}

test('it serves until a signal, and opens the file anew at SIGHUP', async (t) => {
  const folder = temporaryFolder(t)
  const [path, other] = [join(folder, 'line.onecopy'), join(folder, 'other')]
  await saveModel(await linearModel(), path)
  await saveModel(await higherModel(), other)
  const { child, said, ended, started } = run(t, [path, '--port', '0'])
  const url = await started()
  assert.deepEqual(await predict(url), { status: 200, value: 1 })
  const { models } = (await (await fetch(`${url}/v2/models`)).json()) as {
    models: { name: string }[]
  }
  assert.deepEqual(
    models.map(({ name }) => name),
    ['line'],
  )
  copyFileSync(other, `${path}.new`)
  renameSync(`${path}.new`, path)
  child.kill('SIGHUP')
  await until(async () => (await predict(url)).value === 11, 'the other model answers')
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
  assert.equal(said.stdout, '')
  assert.equal(
    said.stderr,
    `Serving line at ${url} (Ctrl-C to end)\nOpening the models anew.\nAnswering what has arrived, then ending.\n`,
  )
})

/** Whether a process runs; one that nobody has asked for its end doesn't. */
function isRunning(pid: number): boolean {
  try {
    const [, state] = /^\d+ \(.*\) (\w)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))!
    return state !== 'Z' && state !== 'X'
  } catch {
    return false
  }
}

/** The command with a client that has sent half of its body. */
async function runBusy(t: TestContext, workers: number) {
  const path = join(temporaryFolder(t), 'line.onecopy')
  await saveModel(await linearModel(), path)
  const server = run(t, [path, '--port', '0', '--workers', `${workers}`])
  const url = await server.started()
  const client = new RawConnection(url)
  t.after(() => client.socket.destroy())
  client.send('[[0,', 7)
  const metrics = async (): Promise<string> => (await fetch(`${url}/metrics`)).text()
  await until(async () => /^onecopy_body_bytes 4$/m.test(await metrics()), 'the request is there')
  const pids = childProcesses(server.child.pid)
  assert.equal(pids.length, workers === 1 ? 0 : workers)
  return { ...server, url, pids }
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  for (const workers of [1, 2])
    test(`a second ${signal} ends it at once (${workers} processes)`, async (t) => {
      const { child, ended, said, pids } = await runBusy(t, workers)
      child.kill(signal)
      await until(() => said.stderr.includes('Answering what has arrived'), 'it is ending')
      child.kill(signal)
      assert.deepEqual(await ended, [code, null])
      await until(() => !pids.some(isRunning), 'its workers have ended')
    })

test('SIGKILL leaves no workers, and the port is free', async (t) => {
  const { child, ended, url, pids } = await runBusy(t, 2)
  child.kill('SIGKILL')
  assert.deepEqual(await ended, [null, 'SIGKILL'])
  await until(() => !pids.some(isRunning), 'its workers have ended')
  const next = createServer().listen(Number(new URL(url).port), '127.0.0.1')
  await once(next, 'listening')
  next.close()
})

test('the key may stand in the environment', async (t) => {
  const path = join(temporaryFolder(t), 'line.onecopy')
  await saveModel(await linearModel(), path)
  const { started } = run(t, [`a=${path}`, '--port', '0'], { ONECOPY_API_KEY: 'k' })
  const url = await started()
  assert.equal((await predict(url)).status, 401)
  const answer = await fetch(`${url}/v2/models/a`, { headers: { 'x-api-key': 'k' } })
  assert.equal(answer.status, 200)
})

test('a wrong file or option ends it with code 2', async (t) => {
  const scaler = join(temporaryFolder(t), 'scaler.onecopy')
  await saveModel(await new StandardScaler().fit([[1], [2]]), scaler)
  const cases: [args: string[], text: RegExp][] = [
    [['/there/is/nothing.onecopy'], /^onecopy: Could not open \/there\/is\/nothing.onecopy/],
    [
      [scaler],
      /^onecopy: Expected \S+ to hold a model that predicts, got an object of class StandardScaler\. See what it holds by: onecopy describe scaler\.onecopy\n$/,
    ],
    [['a=x', 'a=y'], /^onecopy: Expected a name of its own for each model, got 'a' twice/],
    [['price.json'], /convert it first: onecopy convert price\.json price\.onecopy\n$/],
    [['x', '--port', '99999'], /^onecopy: Expected --port to be a whole number from 0 to 65535/],
    [['x', '--api-key', ''], /^onecopy: Expected --api-key to be a key, got an empty text/],
    [[], /^onecopy: missing required argument 'model'/],
  ]
  for (const [args, text] of cases) {
    const { said, ended } = run(t, args)
    assert.deepEqual(await ended, [2, null], args.join(' '))
    assert.match(said.stderr, text)
  }
})
