/** Asks the server twice, and goes away in between. */

import { makeServer } from './server.js'

const aborted = Promise.withResolvers()
const app = makeServer(aborted.resolve)
const address = await app.listen({ port: 0 })

const ask = (below, options) =>
  fetch(`${address}/primes?below=${below}`, options).then((response) => response.json())

console.log(await ask(100))
const client = new AbortController()
const given = ask(1e12, { signal: client.signal })
setTimeout(() => client.abort(), 100)
console.log(await given.catch((error) => error.name))
await aborted.promise
console.log('the run was ended')
console.log(await ask(1000))
await app.close()
