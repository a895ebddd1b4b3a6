/** A reference that names a function in every thread and process. */

/** An exported function or class by the module that exports it and its name there. */
export interface FunctionReference {
  /** URL of the module: `file:///…`, or `node:…` for Node's own. */
  readonly url: string
  /** Name of the export; `default` is also a CommonJS module that is the function itself. */
  readonly name: string
  /** Whether the module was loaded by `require`, through whatever changes what that loads. */
  readonly isCommonJs?: true
  /** Whether the module does not export it, but registers a class by this name. */
  readonly isRegistered?: true
}

/** A function or class that was received; who receives it knows how to call it. */
export type Callable = (...args: never[]) => unknown

/** Whether a worker imports the function, and does not make it of its source. */
export function isReference(sent: object): sent is FunctionReference {
  return 'url' in sent
}
