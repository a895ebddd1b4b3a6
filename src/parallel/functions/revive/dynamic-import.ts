/** Makes `import()` in compiled sources resolve as in their modules. */

import vm from 'node:vm'

type Loader = typeof vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER

let loader: Loader | undefined

/** For `vm.compileFunction`: `import()` in the code then resolves from its `filename`, through all loaders. */
export function defaultLoader(): Loader {
  return (loader ??= takeLoader())
}

/**
 * Node calls this loader experimental as it is first used, once in a process; that is nothing that users can act
 * upon, so its first use is here. The warning is given before `import()` returns.
 */
function takeLoader(): Loader {
  const { USE_MAIN_CONTEXT_DEFAULT_LOADER: loader } = vm.constants
  const first = vm.compileFunction("return import('node:process')", [], {
    importModuleDynamically: loader,
  }) as () => Promise<unknown>
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => {}
  try {
    first().catch(() => {}) // nobody wants the module
  } finally {
    process.emitWarning = emitWarning
  }
  return loader
}

/** Imports as the module at `from` would. */
export type Importer = (
  specifier: string,
  attributes?: Readonly<Record<string, string>>,
) => Promise<unknown>

/** The `import()` of the module at a URL. */
export function importerOf(from: string): Importer {
  return vm.compileFunction(
    'return attributes === undefined ? import(specifier) : import(specifier, { with: attributes })',
    ['specifier', 'attributes'],
    { filename: from, importModuleDynamically: defaultLoader() },
  ) as Importer
}
