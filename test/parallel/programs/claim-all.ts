/** Claims every task that it can get. */

import { parentPort, workerData } from 'node:worker_threads'
import { Claims } from '../../../src/parallel/protocol/claims.ts'

const { words, claimed } = workerData as { words: Int32Array; claimed: Uint8Array }
const claims = new Claims(words)
parentPort!.postMessage('up')
for (;;) {
  const { unclaimed } = claims
  if (!claims.claim(unclaimed)) continue
  Atomics.store(claimed, unclaimed, 1)
  claims.finish(unclaimed)
}
