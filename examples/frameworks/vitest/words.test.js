/** Tasks in Vitest, whose modules are rewritten. */

import { afterAll, expect, test } from 'vitest'
import { delayed, Parallel } from 'onecopy'
import { countWords, longestOf } from '../app/words.js'

for (const backend of ['serial', 'threads', 'processes']) {
  const parallel = new Parallel({ workers: 2, backend })
  afterAll(() => parallel.close())

  test(`${backend} call a function that was imported`, async () => {
    const [counts] = await parallel.run([delayed(countWords)('one two one', 1)])
    expect(counts.get('one')).toBe(2)
  })

  test(`${backend} call a closure, of whose module one function is sent`, async () => {
    const words = ['one', 'three']
    expect(await parallel.run([delayed(() => longestOf(words))()])).toEqual(['three'])
  })

  test(`an error of ${backend} comes back whole`, async () => {
    const fail = () => {
      throw new RangeError('too long')
    }
    await expect(parallel.run([delayed(fail)()])).rejects.toThrow(RangeError)
  })
}
