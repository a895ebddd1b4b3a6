/** Servers under load for long: reloads, deaths of workers, memory, slow clients. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleTree } from '../../src/monitor/index.ts'
import { load, serveFile, until } from './fleet/services.ts'
import { outlastSlowClients } from './http/slow-clients.ts'

test('1,000 slow clients do not stop a fast one, and lose their connections', (t) =>
  outlastSlowClients(t, 1000))

test('30 reloads and 6 killed workers under load: only requests of the killed fail', async (t) => {
  const clients = 8
  const { service, replace } = await serveFile(t)
  const running = load(service.url, clients)
  let kills = 0
  for (let second = 1; second <= 30; second++) {
    await sleep(1000)
    replace(second % 2 === 1)
    void service.reload()
    if (second % 5 > 0) continue
    await until(() => service.pids.length === 2, 'both workers are there')
    process.kill(service.pids[kills++ % 2]!, 'SIGKILL')
  }
  const answers = await running.stop()
  const failed = answers.filter(({ status }) => status !== 200)
  assert.ok(failed.length <= kills * clients, `${failed.length} of ${answers.length} failed`)
  for (const { status, value } of failed)
    assert.match(
      `${status} ${value}`,
      /^503 The worker process|^0 .*(other side closed|ECONNRESET)/,
    )
  assert.deepEqual(
    new Set(answers.filter(({ status }) => status === 200).map(({ value }) => value)),
    new Set([1, 11]),
  )
})

test('memory stays flat while models are opened anew ten times a second', async (t) => {
  const { service, replace } = await serveFile(t)
  const running = load(service.url)
  const hard = (): number =>
    service.pids.reduce((sum, pid) => sum + sampleTree(pid, { children: false }).hard!, 0)
  const turn = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      replace(i % 2 === 0)
      await service.reload()
      await sleep(100)
    }
  }
  await turn(60)
  const early = hard()
  await turn(180)
  const late = hard()
  const answers = await running.stop()
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  )
  assert.ok(late <= 1.25 * early, `${early} bytes became ${late}`)
})
