/** What names a function in every thread and process. */

/** An exported function or class by the module that exports it and its name there. */
export interface FunctionReference {
  /** URL of the module: `file:///…`, or `node:…` for Node's own. */
  readonly url: string
  /** Name of the export; `default` is also a CommonJS module that is the function itself. */
  readonly name: string
}
