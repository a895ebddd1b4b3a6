/** Makes workers use the ts-node loader of this process. */

import { resolve } from 'node:path'
import { requireFromHere } from '../../package-file.ts'

/** What ts-node leaves in a process that it serves. */
interface TsNode {
  readonly configFilePath?: string
  readonly options?: { readonly compilerOptions?: object }
}

/** Options for a worker, without the arguments of ts-node's own command, and its loader where none of them loads it. */
export function withTsNode(options: readonly string[]): string[] {
  const command = options.findIndex((option) => /ts-node\/dist\/bin[-\w]*\.js$/.test(option))
  const own = command < 0 ? [...options] : options.slice(0, command)
  if (findTsNode() === undefined || own.some((option) => option.includes('ts-node'))) return own
  const index = Object.keys(requireFromHere.cache).find((path) =>
    path.endsWith('/ts-node/dist/index.js'),
  )
  return index === undefined
    ? own
    : [...own, '--require', resolve(index, '../../register/index.js')]
}

/** Variables for a worker: it need not check types again, and has the same settings. */
export function tsNodeVariables(): Record<string, string> {
  const tsNode = findTsNode()
  if (tsNode === undefined) return {}
  const { configFilePath, options } = tsNode
  const variables: Record<string, string> = { TS_NODE_TRANSPILE_ONLY: 'true' }
  if (configFilePath !== undefined) variables['TS_NODE_PROJECT'] = configFilePath
  if (options?.compilerOptions !== undefined)
    variables['TS_NODE_COMPILER_OPTIONS'] = JSON.stringify(options.compilerOptions)
  return variables
}

function findTsNode(): TsNode | undefined {
  return Reflect.get(process, Symbol.for('ts-node.register.instance')) as TsNode | undefined
}
