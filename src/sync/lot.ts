/**
 * A parking lot: the tables that all threads (and, in process scope, processes) share in order to wait for each other.
 *
 * How it works  A lock is a few words; who waits for it is written here. A *member* is one thread that takes part: its slot
 *               says whether it lives. A *record* is one waiter, or one holding, of one object. The records of an object
 *               lie in the group that its key hashes to; when that is full, in the next one, and each group counts the
 *               records that passed it by, so a search knows when to stop. There are no pointers between records: a thread
 *               that is killed at any instruction leaves at most a record of its own behind, which says whose it was.
 * Layout        header · processes · members · passed-by counts · watched waits · records. A record is half a cache line:
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
import { add, store } from '../memory/words.ts';

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
/** Waits in which deadlocks are looked for at one time. */
export const WATCHES = 128;

const places = layout({
  header: 64,
  processes: PROCESSES * PROCESS_WORDS * 4,
  members: MEMBERS * MEMBER_WORDS * 4,
  passedBy: GROUPS * 4,
  watchGuard: 128,
  watches: WATCHES * 1024,
  records: GROUPS * GROUP_SIZE * RECORD_WORDS * 4,
});

/** Bytes that a lot takes. */
export const LOT_BYTES = places.byteLength;

/** How another process finds a lot: the segment that it lies in, and its first byte there. */
export interface LotRef {
  readonly segment: SegmentRef;
  readonly at: number;
}

/** The tables, and where in the region they are (in words). */
export class Lot {
  readonly region: Region;
  readonly segment: Segment | undefined;
  /** Tells lots among processes apart. */
  readonly name: string;
  readonly #at: number;
  /** Counts the keys that were given out. */
  readonly keys: number;
  /** Counts looks at who waits for whom (`watch-table.ts`). */
  readonly clock: number;
  /** Counts the deaths that sleepers were told of. */
  readonly deaths: number;
  /** Rung for those who wait for a guard in the shared heap. */
  readonly heapBell: number;
  /** 1 while a thread boots that has to boot alone. */
  readonly booting: number;
  /** Number of the process that has made it, among processes; 0 where anybody may come in by a name. */
  readonly maker: number;
  /** 1 once somebody takes part of whose death nobody may hear. */
  readonly unheard: number;
  readonly processes: number;
  readonly members: number;
  readonly passedBy: number;
  readonly watchGuard: number;
  readonly watches: number;
  readonly records: number;
  /** How many locks this thread holds; too many when others have released some of them. */
  held = 0;
  /** When this thread, if it is blocked, looks for deaths of which nobody has told. */
  tellAt = 0;

  private constructor(region: Region, segment: Segment | undefined, at: number) {
    const base = at / 4;
    this.region = region;
    this.segment = segment;
    this.name = segment === undefined ? '' : Lot.nameOf(segment.id, at);
    this.#at = at;
    this.keys = base;
    this.clock = base + 1;
    this.deaths = base + 2;
    this.heapBell = base + 3;
    this.booting = base + 4;
    this.maker = base + 5;
    this.unheard = base + 6;
    this.processes = base + places.processes / 4;
    this.members = base + places.members / 4;
    this.passedBy = base + places.passedBy / 4;
    this.watchGuard = base + places.watchGuard / 4;
    this.watches = base + places.watches / 4;
    this.records = base + places.records / 4;
  }

  /** The lot of this process's threads, over memory that another thread of it made, or new. */
  static forThreads(buffer = allocateShared(places.byteLength)): Lot {
    return new Lot(new ThreadRegion(buffer), undefined, 0);
  }

  /** A new lot among processes, in a segment of its own. */
  static forProcesses(): Lot {
    const lot = Lot.at(Segment.create(places.byteLength, { sparse: true }), SEGMENT_HEADER);
    store(lot.region.words, lot.maker, process.pid);
    return lot;
  }

  /** The lot at a byte of a segment. */
  static at(segment: Segment, at: number): Lot {
    return new Lot(segment.region, segment, at);
  }

  static nameOf(id: SegmentRef['id'], at: number): string {
    return `${id.join(':')}@${at}`;
  }

  /** How others find it; undefined when it is this process's own. */
  give(): LotRef | undefined {
    return this.segment === undefined ? undefined : { segment: this.segment.give(), at: this.#at };
  }

  /** A key for an object that is waited for the first time. */
  newKey(): number {
    return (add(this.region.words, this.keys, 1) + 1) | 0 || this.newKey();
  }
}
