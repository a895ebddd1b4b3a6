/** What a command leaves behind when it is stopped, at any moment. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { tableLines, Workplace } from '../run-command.ts'

const fit = (backend: string): string[] =>
  `fit houses.csv --target price --out out --workers 2 --backend ${backend}`.split(' ')

/** Runs `work` in a place with a table, which is removed afterwards. */
async function inPlace<T>(work: (place: Workplace) => Promise<T>): Promise<T> {
  const place = new Workplace()
  try {
    place.file('houses.csv', tableLines(2000))
    return await work(place)
  } finally {
    place.remove()
  }
}

/** Dying takes the kernel a moment; what stays longer was left behind. */
async function assertNothingLeft(place: Workplace): Promise<void> {
  for (let tries = 0; place.leftovers().length > 0 && tries < 200; tries++) await wait(50)
  assert.deepEqual(place.leftovers(), [])
}

/** The output folder has all of a run, or is not there. */
function assertWholeOrNothing(place: Workplace): void {
  if (!place.names().includes('out')) return
  assert.deepEqual(place.names('out'), ['out-of-fold.npy', 'report.json'])
  const report = JSON.parse(String(place.read('out/report.json'))) as { finished: boolean }
  assert.equal(report.finished, true)
}

/** Sends a signal at moments that are spread over the time that a fit takes here and now. */
async function stopAtMoments(
  backend: string,
  signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  const start = performance.now()
  await inPlace((place) => place.run(fit(backend)))
  const usualMs = performance.now() - start
  for (const moment of [0.1, 0.3, 0.5, 0.7, 0.85, 0.95]) {
    await inPlace(async (place) => {
      const child = place.start(fit(backend))
      const exit = once(child, 'exit') as Promise<[number | null, string | null]>
      await Promise.race([wait(moment * usualMs), exit])
      child.kill(signal)
      const [code, by] = await exit
      // One that had ended before the signal came has ended well.
      if (code === null) assert.equal(by, signal)
      else assert.equal(code, 0)
      await assertNothingLeft(place)
      assertWholeOrNothing(place)
      // Nobody can clean up after SIGKILL: files that are not in their place yet stay, hidden.
      const names = place.names().filter((name) => signal !== 'SIGKILL' || !name.startsWith('.'))
      assert.deepEqual(
        names.filter((name) => name !== 'out'),
        ['houses.csv'],
      )
    })
  }
}

for (const backend of ['threads', 'processes']) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    test(`${signal} at any moment ends a fit on ${backend} and leaves nothing behind`, () =>
      stopAtMoments(backend, signal))
  }
}

test('Ctrl-C reaches the workers too, and nobody complains', async () => {
  await inPlace(async (place) => {
    const child = place.start(fit('processes'), {}, { detached: true })
    let stderr = ''
    child.stderr.on('data', (data) => (stderr += String(data)))
    while (place.processes().length < 3) await wait(20)
    process.kill(-child.pid!, 'SIGINT')
    assert.deepEqual(await once(child, 'close'), [null, 'SIGINT'])
    assert.doesNotMatch(stderr, /onecopy:/)
    await assertNothingLeft(place)
  })
})

test('a signal in the middle of writing takes away what was written', async () => {
  const program = fileURLToPath(new URL('../../fixtures/cli/unfinished.ts', import.meta.url))
  await inPlace(async (place) => {
    mkdirSync(join(place.path, 'there'))
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      for (const folder of ['new', 'there']) {
        const child = spawn(process.execPath, [program, join(place.path, folder)])
        await once(child.stdout, 'data')
        const written = [...place.names(), ...place.names('there')]
        assert.equal(written.filter((name) => name.startsWith('.')).length, 1)
        child.kill(signal)
        assert.deepEqual(await once(child, 'exit'), [null, signal])
        assert.deepEqual(place.names(), ['houses.csv', 'there'])
        assert.deepEqual(place.names('there'), [])
      }
    }
  })
})
