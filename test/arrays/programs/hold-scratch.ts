/** Holds scratch memory until it is killed. */

import { shared } from '../../../src/arrays/index.ts'

const [folder = ''] = process.argv.slice(2)
const held = [shared([1000], 'float64'), shared([1000], 'float64', { scratch: folder })]
for (const array of held) array.data.fill(1)
process.send?.(held.length)
process.on('message', () => held.length)
