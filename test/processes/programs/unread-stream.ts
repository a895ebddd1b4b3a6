/** Begins an endless stream that nobody reads. */

import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { square } from '../../fixtures/tasks/plain.ts'

function* calls() {
  for (let i = 0; ; i++) yield delayed(square)(i)
}

const parallel = new Parallel({ workers: 2, backend: process.argv[2] as 'threads' })
parallel.stream(calls())
console.log('main is done')
