/** Counts the words of texts on threads and processes; the bundlers here bundle it. */

import { delayed, Parallel, shared } from 'onecopy'
import { countWords, hasCores, longestOf } from './words.js'

const texts = [
  'A worker receives a reference to an array, and the array exists once.',
  'Results stream back in bounded memory, in the order of the input.',
  'A function travels by its name, or by its source with what it captured.',
]

async function main() {
  console.log('started')
  for (const backend of ['serial', 'threads', 'processes']) {
    const parallel = new Parallel({ workers: 2, backend })
    const minLength = 4
    const counts = await parallel.run(texts.map((text) => delayed(countWords)(text, minLength)))
    const lengths = shared([texts.length], 'int32')
    const longest = await parallel.map((i) => {
      const words = [...countWords(texts[i], minLength).keys()]
      lengths.set(words.length, i)
      return hasCores() ? longestOf(words) : ''
    }, texts.keys())
    console.log(backend, counts[0].get('array'), longest.join(), lengths.toArray().join())
    await parallel.close()
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
