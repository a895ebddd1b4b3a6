/** Computes with a large array in steps that a copy would be seen of; prints the growth of peak memory in KiB. */

import { add, shared, where } from '../../../src/arrays/index.ts'

const X = shared([1500, 200, 40], 'float32').fill(1) // 48 MB
const view = X.transpose([2, 0, 1]).reversed()
const out = shared([1500, 200, 40], 'float32').fill(0).transpose([2, 0, 1])

/** Everything that is measured, on a few rows, so that code and tables are loaded. */
function compute(x: typeof view, to: typeof out): void {
  x.sum()
  for (let axis = 0; axis < 3; axis++) {
    x.sum({ axis })
    x.std({ axis })
    x.argmax({ axis })
  }
  add(x, x, { out: to })
  where(x, to, 0, { out: to })
  to.fill(2)
}

for (let i = 0; i < 20; i++) compute(view.slice([0, 2]), out.slice([0, 2]))
const before = process.resourceUsage().maxRSS
compute(view, out)
console.log(process.resourceUsage().maxRSS - before)
