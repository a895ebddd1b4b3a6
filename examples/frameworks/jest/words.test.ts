/** Tasks in Jest, whose TypeScript ts-jest compiles. */

import { delayed, Parallel } from 'onecopy'
import { Case, countWords } from './words'

describe.each(['serial', 'threads', 'processes'] as const)('%s', (backend) => {
  const parallel = new Parallel({ workers: 2, backend })
  afterAll(() => parallel.close())

  test('call a function that was imported', async () => {
    const [counts] = await parallel.run([delayed(countWords)('One one', Case.Lower)])
    expect(counts.get('one')).toBe(2)
  })

  test('call a closure', async () => {
    const text = 'One one'
    const sizes = await parallel.run([delayed(() => countWords(text, Case.AsIs).size)()])
    expect(sizes).toEqual([2])
  })

  test('bring errors back', async () => {
    const fail = (): never => {
      throw new RangeError('too long')
    }
    await expect(parallel.run([delayed(fail)()])).rejects.toThrow('too long')
  })
})
