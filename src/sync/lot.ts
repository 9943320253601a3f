/**
 * A parking lot: the tables that all threads (and, in process scope, processes) share in order to wait for each other.
 *
 * How it works  A lock is a few words; who waits for it is written here. A *member* is one thread that takes part: its slot
 *               says whether it lives. A *record* is one waiter, or one holding, of one object. The records of an object
 *               lie in the group that its key hashes to; when that is full, in the next one, and each group counts the
 *               records that passed it by, so a search knows when to stop. There are no pointers between records: a thread
 *               that is killed at any instruction leaves at most a record of its own behind, which says whose it was.
 * Layout        header · processes · members · passed-by counts · records. A record is half a cache line:
 *               0 state · 1 member · 2 key · 3 ticket · 4 request · 5 count · 6 granted · 7 mode and extra
 * Invariants    1. A record belongs to its member; others change it only under the guard of the object whose key it has.
 *               2. A record is found by its key from the moment its state is other than `FREE`.
 *               3. A member's id holds its slot and a generation, so the id of a thread that is gone never comes back.
 * When it dies  See `members.ts` for how a death is known, `sync-object.ts` for what becomes of records of the dead.
 * Source        WebKit's ParkingLot (F. Pizlo, "Locking in WebKit", 2016), less its pointers.
 * @module
 */
import { layout } from '../memory/layout.ts';
import { type Region, ThreadRegion } from '../memory/region.ts';
import { Segment, SEGMENT_HEADER, type SegmentRef } from '../memory/segment.ts';
import { allocateShared } from '../memory/shared-buffer.ts';
import { add } from '../memory/words.ts';

/** Threads that can take part in a lot at one time. */
export const MEMBERS = 1024;
/** Processes whose mapping is remembered. */
export const PROCESSES = 256;
/** Groups of records; a power of two. */
export const GROUPS = 2048;
/** Records in a group. */
export const GROUP_SIZE = 8;
/** Words of a record, a member's slot, a process's entry. */
export const RECORD_WORDS = 8;
export const MEMBER_WORDS = 16;
export const PROCESS_WORDS = 4;

const places = layout({
  header: 64,
  processes: PROCESSES * PROCESS_WORDS * 4,
  members: MEMBERS * MEMBER_WORDS * 4,
  passedBy: GROUPS * 4,
  records: GROUPS * GROUP_SIZE * RECORD_WORDS * 4,
});

/** The tables, and where in the region they are (in words). */
export class Lot {
  readonly region: Region;
  readonly segment: Segment | undefined;
  /** Counts the keys that were given out. */
  readonly keys: number;
  readonly processes: number;
  readonly members: number;
  readonly passedBy: number;
  readonly records: number;

  private constructor(region: Region, segment?: Segment) {
    const base = segment === undefined ? 0 : SEGMENT_HEADER / 4;
    this.region = region;
    this.segment = segment;
    this.keys = base;
    this.processes = base + places.processes / 4;
    this.members = base + places.members / 4;
    this.passedBy = base + places.passedBy / 4;
    this.records = base + places.records / 4;
  }

  /** The lot of this process's threads, over memory that another thread of it made, or new. */
  static forThreads(buffer = allocateShared(places.byteLength)): Lot {
    return new Lot(new ThreadRegion(buffer));
  }

  /** A lot among processes, new or that of another. */
  static forProcesses(ref?: SegmentRef): Lot {
    const segment = ref === undefined ? Segment.create(places.byteLength, { sparse: true }) : Segment.attach(ref);
    return new Lot(segment.region, segment);
  }

  /** A key for an object that is waited for the first time. */
  newKey(): number {
    return (add(this.region.words, this.keys, 1) + 1) | 0 || this.newKey();
  }
}
