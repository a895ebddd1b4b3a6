/** A function in a message: a reference, or its source. */

import type { FunctionReference } from './reference.ts'
import type { ModuleBinding } from '../scopes/script-facts.ts'

/** A function in a message. */
export type SentFunction = FunctionReference | FunctionBundle

/** A function and all functions that it needs; the first is the function itself. */
export interface FunctionBundle {
  readonly nodes: readonly FunctionNode[]
  /** Classes among them, by the numbers that their sender knows them by (see `idOfClass`). */
  readonly classes: readonly (readonly [id: number, node: number])[]
}

/** How the receiver gets one function, class or module. */
export type FunctionNode =
  ExportNode | ModuleNode | RequireNode | GlobalNode | MadeNode | SourceNode

/** An exported function. */
export interface ExportNode extends FunctionReference {
  readonly kind: 'export'
}

/** What an import gave to a variable of the module at `from`. */
export interface ModuleNode extends ModuleBinding {
  readonly kind: 'module'
  readonly from: string
}

/** The `require` of a CommonJS module. */
export interface RequireNode {
  readonly kind: 'require'
  readonly from: string
}

/** One of the language's or Node's own, such as `Math.max`. */
export interface GlobalNode {
  readonly kind: 'global'
  readonly path: readonly string[]
}

/** A function that another one makes of data and other functions. */
export interface MadeNode {
  readonly kind: 'made'
  readonly maker: FunctionReference
  /** Arguments of the maker. */
  readonly values: readonly unknown[]
}

/** A function or class by its source. */
export interface SourceNode {
  readonly kind: 'source'
  readonly source: string
  readonly form: 'expression' | 'method'
  readonly isClass: boolean
  readonly isStrict: boolean
  readonly name: string
  /** Of its module; what is relative in it starts here. */
  readonly url: string
  /** What stacks call its file: not its URL when the parent has to translate its lines. */
  readonly file: string
  /** 0-based position of its first character in that file. */
  readonly line: number
  readonly column: number
  /** Captured variables whose values need no other function: constants for the compiler. */
  readonly constants: readonly string[]
  /** Captured variables that may refer to functions of the bundle. */
  readonly variables: readonly string[]
  /** Of `constants`, then `variables`. */
  readonly values: readonly unknown[]
  /** The captured variables that a class needs while it is created. */
  readonly early: readonly string[]
  /** Captured variables that a class may need while it is created, through functions that it may call. */
  readonly maybeEarly: readonly string[]
  /** Variable that stands for `import.meta`. */
  readonly meta: string | undefined
  /** Own enumerable members of the function, and of its prototype. */
  readonly members: unknown
  readonly prototype: unknown
}
