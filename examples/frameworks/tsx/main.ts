/** Counts words in TypeScript that a loader compiles, as CommonJS. */

import { delayed, Parallel } from 'onecopy'
import { Case, countWords } from './words'

async function main(): Promise<void> {
  console.log('started')
  for (const backend of ['serial', 'threads', 'processes'] as const) {
    const parallel = new Parallel({ workers: 2, backend })
    const texts = ['One one', 'two']
    const counts = await parallel.run(texts.map((text) => delayed(countWords)(text, Case.Lower)))
    const sizes = await parallel.map((text: string) => countWords(text, Case.AsIs).size, texts)
    console.log(backend, counts[0]?.get('one'), sizes.join())
    await parallel.close()
  }
}

void main()
