/** Objects that learners share: made once, freed after their last user. */

import type { FoldData, FoldSharing } from '../../contract/fold-sharing.ts'
import { TrainingParts } from '../../row-parts/training-parts.ts'
import type { LayerData } from '../folds/layer-data.ts'

/** A member's use of an object. */
export interface SharedUse<Shared> {
  /**
   * The object; the first call of all users makes it.
   *
   * @param mapOf - the scaling before the member; asked for by the first call, for objects that depend on it
   * @throws what its `make` threw, to every user
   */
  get(mapOf?: MapOfFold): Promise<Shared>
  /** Seconds that it took so far, by the number of users. */
  readonly seconds: number
  /** Milliseconds that it took so far in all, so that fits can be timed without them. */
  readonly milliseconds: number
  /** Says that the member doesn't need it any more; further calls do nothing. */
  release(): void
}

/** The scaling of a fold, or of all rows for null. */
type MapOfFold = FoldData['mapOf']

interface Entry {
  readonly sharing: FoldSharing
  users: number
  waiting: number
  milliseconds: number
  made: Promise<unknown> | undefined
}

/**
 * The shared objects of one fit of a layer. Every member says first what it will use, so that an object is known to be
 * in use until its last user has released it.
 */
export class SharedObjects {
  readonly #data: LayerData
  readonly #entries = new Map<string, Entry>()
  readonly #freed: Promise<void>[] = []
  #parts: TrainingParts | undefined
  #hasParts = false

  constructor(data: LayerData) {
    this.#data = data
  }

  /**
   * Says that a member will use an object.
   *
   * @param scalers - the number of the scalers before it; those with the same number are alike
   */
  use<Shared>(sharing: FoldSharing<Shared>, scalers: number): SharedUse<Shared> {
    const key = `${sharing.perCase === true ? scalers : 'all'} ${sharing.kind}`
    const known = this.#entries.get(key)
    const entry = known ?? { sharing, users: 0, waiting: 0, milliseconds: 0, made: undefined }
    this.#entries.set(key, entry)
    entry.users++
    entry.waiting++
    let isReleased = false
    return {
      get: (mapOf) => (entry.made ??= this.#make(entry, mapOf)) as Promise<Shared>,
      get seconds() {
        return entry.milliseconds / 1000 / entry.users
      },
      get milliseconds() {
        return entry.milliseconds
      },
      release: () => {
        if (isReleased) return
        isReleased = true
        entry.waiting--
        if (entry.waiting === 0) this.#freed.push(free(entry))
      },
    }
  }

  /** Frees the parts of the folds, and waits until all objects are freed; every use must be released. */
  async close(): Promise<void> {
    await Promise.all(this.#freed)
    this.#parts?.[Symbol.dispose]()
  }

  async #make(entry: Entry, given?: MapOfFold): Promise<unknown> {
    const noMap: MapOfFold = () => Promise.resolve(undefined)
    const mapOf = (entry.sharing.perCase === true ? given : undefined) ?? noMap
    const { finals } = this.#data
    const map = await mapOf(this.#data.fitsAll ? null : finals[0]!)
    const timed = <T>(work: () => Promise<T>): Promise<T> => this.#timed(entry, work)
    const parts = (): TrainingParts | undefined => this.#findParts()
    const { X, y, folds, rows, fitsAll, weights } = this.#data
    const data = {
      X,
      y,
      folds,
      rows,
      fitsAll,
      weights,
      map,
      mapOf,
      timed,
      get parts() {
        return parts()
      },
    }
    return timed(() => entry.sharing.make(data))
  }

  #findParts(): TrainingParts | undefined {
    if (!this.#hasParts) this.#parts = TrainingParts.find(this.#data.folds, this.#data.X.shape[0]!)
    this.#hasParts = true
    return this.#parts
  }

  async #timed<T>(entry: Entry, work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    try {
      return await work()
    } finally {
      entry.milliseconds += performance.now() - start
    }
  }
}

async function free({ sharing, made }: Entry): Promise<void> {
  // What could not be made has been reported to each user.
  await made?.then(
    (object) => sharing.free?.(object),
    () => {},
  )
}
