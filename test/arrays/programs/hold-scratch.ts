/** Holds scratch memory until it is killed. */

import { shared } from '../../../src/arrays/index.ts'

const [folder = ''] = process.argv.slice(2)
const held = [shared('float64', [1000]), shared('float64', [1000], { scratch: folder })]
for (const array of held) array.data.fill(1)
process.send?.(held.length)
process.on('message', () => held.length)
