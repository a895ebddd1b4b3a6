/** Sends a closure while another inspector session is at work, and says what is left of ours. */

import { Session, url } from 'node:inspector'
import { delayed, Parallel } from '../../../src/parallel/index.ts'

const session = new Session()
session.connect()
const paused: string[] = []
session.on('Debugger.paused', ({ params }) => {
  paused.push(params.reason)
  session.post('Debugger.resume')
})
session.post('Debugger.enable')
const k = 2
const parallel = new Parallel({ workers: 1 })
const [value] = await parallel.run([delayed((x: number) => x * k)(4)])
const scripts: string[] = []
session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params.url))
await import('../../fixtures/functions/library.ts')
console.log(value, 'pauses', paused.length, 'port', url(), 'still told', scripts.length > 0)
await parallel.close()
session.disconnect()
