/**
 * What the types of `Thread` and `Process` promise. The compiler checks this file; nothing runs it.
 * @module
 */
import { expectTypeOf } from 'expect-type';
import { Process, Thread } from '../../src/index.ts';

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
