/** Combines samples, PSS readings and marks into a record. */

import type { CgroupPlaces } from '../proc/cgroup-memory.ts'
import type { Mark } from '../marks/mark-file.ts'
import { MarkReader } from '../marks/mark-reader.ts'
import { procFiles } from '../proc/proc-files.ts'
import { PssBudget } from '../sampling/pss-budget.ts'
import { RunRecorder } from '../record/recorder.ts'
import { TreeSampler } from '../sampling/sample.ts'
import type { TreeSample } from '../sampling/sample.ts'

/** What to watch. */
export interface WatchTask {
  readonly pid: number
  readonly children: boolean
  /** The share of one core that reading PSS may use. */
  readonly pssBudget: number
  /** The sample that the monitor took when it started. */
  readonly start: TreeSample
  /** Descriptor of the file in which descendants write their marks, if there is one already. */
  readonly monitorFile?: number | undefined
  /** Where its control group is, if that is known already. */
  readonly cgroup?: CgroupPlaces | undefined
}

/** A sample or mark that one watch passes to the watch that replaces it. */
export type WatchEntry =
  { readonly sample: TreeSample } | { readonly mark: Mark; readonly epochMs: number | undefined }

/** How one watch replaces another. */
export interface Handover {
  /** Called with each sample and mark that is recorded. */
  readonly onEntry?: (entry: WatchEntry) => void
  /** Calls `look`, unless the other watch has begun; see {@link HandoverLock}. */
  readonly take: (look: () => unknown) => unknown
}

/** A mark this soon after a sample needs no other sample. */
const markGapMs = 10

/** Samples a tree, records it, and receives its marks. */
export class Watch {
  readonly recorder: RunRecorder
  readonly #root: number
  readonly #startEpochMs: number
  readonly #children: boolean
  readonly #sampler: TreeSampler
  readonly #lane: PssBudget
  readonly #marks: MarkReader

  readonly #handover: Handover

  constructor(task: WatchTask, handover: Handover = { take: (look) => look() }) {
    const { pid, children, pssBudget, start, monitorFile, cgroup } = task
    this.#handover = handover
    this.#root = pid
    this.#startEpochMs = start.epochMs
    this.#children = children
    // The root may have ended, and another process may have its pid.
    const members = start.processes
    this.#lane = new PssBudget(procFiles, pssBudget)
    const lane = this.#lane
    this.#sampler = new TreeSampler(procFiles, pid, { children, members, cgroup, lane })
    this.recorder = new RunRecorder(start)
    this.#marks = new MarkReader(() => handover.take(() => this.#onMark()), monitorFile)
  }

  /**
   * Takes a sample, and the marks that came with it.
   *
   * @param options - `lazy`: may miss a process that was started a moment ago
   */
  look(options: { readonly lazy?: boolean } = {}): TreeSample {
    const cheap = this.#sampler.take(options)
    const rollups = this.#lane.read(cheap.processes)
    const sample: TreeSample = {
      ...cheap,
      processes: cheap.processes.map((process) => {
        const rollup = rollups.get(process.pid)
        return rollup ? { ...process, rollup } : process
      }),
      pss: this.#lane.total(cheap.processes),
    }
    this.recorder.add(sample)
    this.#handover.onEntry?.({ sample })
    this.#takeMarks()
    return sample
  }

  /** Files that another watch of the same tree would have to find again. */
  get found(): Pick<WatchTask, 'monitorFile' | 'cgroup'> {
    return { monitorFile: this.#marks.monitorFile, cgroup: this.#sampler.cgroup }
  }

  /** Records an entry of the watch before this one; a mark that is already known is ignored. */
  takeOver(entry: WatchEntry): void {
    if ('mark' in entry) {
      if (this.#marks.remember(entry.mark)) this.recorder.mark(entry.mark, entry.epochMs)
      return
    }
    this.recorder.add(entry.sample)
    // Their parents may have ended since, so that the tree no longer leads to them.
    if (this.#children) this.#sampler.adopt(entry.sample.processes)
  }

  /** Records a mark of the process that started the monitor, whichever process is watched. */
  mark(mark: Mark): TreeSample {
    const isNew = this.#marks.remember(mark)
    const sample = this.look()
    // It may have been read from its file already, and ignored there.
    if (isNew || !this.#isOfTree(mark)) this.#record(mark)
    // Or recorded there, at its own time; its maker has done nothing since.
    else this.recorder.postpone(mark)
    return sample
  }

  close(): void {
    this.#sampler.close()
    this.#marks.close()
  }

  /** Takes a sample for a mark, so that a phase shorter than the interval has figures, too. */
  #onMark(): void {
    if (performance.timeOrigin + performance.now() - this.recorder.lastEpochMs > markGapMs)
      this.look()
    else this.#takeMarks()
  }

  #takeMarks(): void {
    for (const mark of this.#marks.read(this.#sampler.markFiles)) {
      if (this.#isOfTree(mark)) this.#record(mark, mark.epochMs)
    }
  }

  #record(mark: Mark, epochMs?: number): void {
    this.recorder.mark(mark, epochMs)
    this.#handover.onEntry?.({ mark, epochMs: epochMs ?? this.recorder.lastEpochMs })
  }

  /** Whether a mark belongs to the tree. A child that no sample saw belongs to it if an ancestor does. */
  #isOfTree({ pid, ancestors, epochMs }: Mark): boolean {
    // Phases of this process begin with the monitor; other processes keep the phase that they are in.
    if (pid === process.pid && epochMs < this.#startEpochMs) return false
    if (!this.#children) return pid === this.#root
    return [pid, ...ancestors].some((pid) => this.recorder.hasSeen(pid))
  }
}
