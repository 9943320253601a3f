/**
 * What the types of locks and their kin promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { expectTypeOf } from 'expect-type';
import { Barrier, type Hold, Lock, RLock, Semaphore } from '../../src/index.ts';

// an acquire without an end in time gives a hold, one with a timeout may not
const lock = new Lock();
expectTypeOf(lock.acquireSync()).toEqualTypeOf<Hold>();
expectTypeOf(lock.acquire({ timeout: 5 })).toEqualTypeOf<Promise<Hold | false>>();
expectTypeOf(lock.acquire({ recover: true })).toEqualTypeOf<Promise<Hold>>();
expectTypeOf(new Semaphore(2).tryAcquire()).toEqualTypeOf<Hold | false>();

// lock-14, rlock-07: nothing but options
// @ts-expect-error a lock has no value
new Lock(1);
// @ts-expect-error a lock has no name
new RLock('name');
// @ts-expect-error there is no such scope
new Lock({ scope: 'everywhere' });
// @ts-expect-error a misspelled option
new RLock({ scoped: 'process' });
// rlock-07: a subclass may take arguments of its own
class Named extends RLock {
  readonly name: string;
  constructor(name: string) {
    super({ scope: 'process' });
    this.name = name;
  }
}
expectTypeOf(new Named('a').acquireSync()).toEqualTypeOf<Hold>();

// barrier-17: it is no promise; what `wait` gives is
expectTypeOf<Awaited<Barrier>>().toEqualTypeOf<Barrier>();
expectTypeOf(new Barrier(2).wait()).toEqualTypeOf<Promise<number>>();
