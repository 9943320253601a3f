/**
 * What the types of `Thread` and `Process` promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { expectTypeOf } from 'expect-type';
import { exit, onSignal, Pool, Process, type Shutdown, shutdownOn, Thread } from '../../src/index.ts';

declare function download(file: string, retries: number): Promise<number>;

// the target's arguments and result
expectTypeOf(new Thread(download, ['a', 3]).join()).toEqualTypeOf<Promise<number>>();
expectTypeOf(new Process(download, ['a', 3]).join()).toEqualTypeOf<Promise<number>>();
expectTypeOf(new Thread(() => 'text').join()).toEqualTypeOf<Promise<string>>();
// @ts-expect-error an argument of the wrong type
new Thread(download, ['a', '3']);
// @ts-expect-error an argument too few
new Process(download, ['a']);

// a subclass names its result
class Download extends Thread<number> {
  readonly file: string;
  constructor(file: string) {
    super();
    this.file = file;
  }
  override run(): Promise<number> {
    return download(this.file, 1);
  }
}
expectTypeOf(new Download('a').join()).toEqualTypeOf<Promise<number>>();

expectTypeOf<Process['pid']>().toEqualTypeOf<number | undefined>();
expectTypeOf<Process['exitCode']>().toEqualTypeOf<number | null>();
expectTypeOf<Thread['alive']>().toEqualTypeOf<boolean>();

// signals
expectTypeOf<Thread['send']>().toEqualTypeOf<(signal: NodeJS.Signals | number) => boolean>();
expectTypeOf<Process['terminate']>().returns.toEqualTypeOf<Promise<void>>();
expectTypeOf(onSignal('SIGHUP', (name, number) => console.log(name, number))).toExtend<() => void>();
expectTypeOf(exit).returns.toEqualTypeOf<never>();
expectTypeOf(
  shutdownOn(['SIGINT'], [new Pool(), new Process(download, ['a', 3]), () => 1, { shutdown: () => 2 }], { grace: 1 }),
).toEqualTypeOf<Shutdown>();
// @ts-expect-error no signal
new Thread(download, ['a', 3]).send('SIGNOPE');
// @ts-expect-error nothing that could be closed
shutdownOn(['SIGINT'], [{ open: true }]);
