import { catchError, type Observable, of } from 'rxjs';
import { attempt, fallbackTo, fallbackToValue, protect, resiliencePipeline, standardPipeline } from 'rxjs-resilience';
import { expectTypeOf, it } from 'vitest';

interface Page {
  title: string;
  items: string[];
}
declare const names$: Observable<string[]>;
declare const pages$: Observable<Page>;
declare const answers$: Observable<'yes' | 'no'>;

it('takes a value that the type of the source can have, as catchError does', () => {
  expectTypeOf(names$.pipe(catchError(() => of([])))).toExtend<Observable<string[]>>();
  expectTypeOf(names$.pipe(fallbackToValue([]))).toExtend<Observable<string[]>>();
  expectTypeOf(names$.pipe(fallbackToValue(['none']))).toEqualTypeOf<Observable<string[]>>();
  expectTypeOf(names$.pipe(fallbackToValue(() => ['none']))).toEqualTypeOf<Observable<string[]>>();
  expectTypeOf(pages$.pipe(fallbackToValue({ title: 'Popular', items: [] }))).toExtend<Observable<Page>>();
  expectTypeOf(pages$.pipe(fallbackToValue({ title: 'Popular', items: ['a'] }))).toExtend<Observable<Page>>();
  expectTypeOf(pages$.pipe(fallbackToValue((error) => ({ title: String(error), items: [] })))).toExtend<Observable<Page>>();
  expectTypeOf(pages$.pipe(fallbackTo(() => of({ title: 'Popular', items: [] })))).toExtend<Observable<Page>>();
  expectTypeOf(pages$.pipe(fallbackTo(Promise.resolve({ title: 'Popular', items: [] })))).toExtend<Observable<Page>>();
});

it('keeps the literal type of a text', () => {
  expectTypeOf(answers$.pipe(fallbackToValue('no'))).toEqualTypeOf<Observable<'yes' | 'no'>>();
  expectTypeOf(answers$.pipe(fallbackToValue(0))).toEqualTypeOf<Observable<'yes' | 'no' | 0>>();
});

it('does so in a pipeline, and where promises come out', async () => {
  const pipeline = resiliencePipeline({ fallback: fallbackToValue([]) });
  expectTypeOf(names$.pipe(pipeline)).toExtend<Observable<string[]>>();
  expectTypeOf(await pipeline.run(async () => Promise.resolve(['a']))).toExtend<string[]>();
  expectTypeOf(await protect((): string[] => [], pipeline)()).toExtend<string[]>();
  expectTypeOf(await standardPipeline().run(() => ({ title: 'a', items: [] as string[] }))).toEqualTypeOf<Page>();
  expectTypeOf(attempt(() => of({ title: 'a', items: ['a'] }))).toEqualTypeOf<Observable<Page>>();
});
