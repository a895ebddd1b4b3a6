/** Threads that wait for more jobs outlive the environment that has started them. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

const learn = new URL('../../src/learn/index.ts', import.meta.url).href
const arrays = new URL('../../src/arrays/index.ts', import.meta.url).href

/** Only the worker loads the core; its threads wait for two seconds when it has gone. */
const program = `
import { Worker } from 'node:worker_threads'
import { once } from 'node:events'
const source = \`
  import(${JSON.stringify(learn)}).then(async ({ LinearRegression }) => {
    const { zeros } = await import(${JSON.stringify(arrays)})
    const X = zeros([20000, 3], 'float64')
    for (let i = 0; i < X.size; i++) X.data[i] = Math.sin(i)
    const model = await new LinearRegression().fit(X, X.column(0))
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => model.fit(X, X.column(0))))
  })
\`
const worker = new Worker(source, { eval: true })
const [code] = await once(worker, 'exit')
await new Promise((resolve) => setTimeout(resolve, 2500))
console.log(code)
`

test('a thread may end its wait after its worker has ended', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  assert.deepEqual(await once(child, 'close'), [0, null], said)
  assert.equal(said, '0\n')
})
