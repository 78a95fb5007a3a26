import { attempt, loadShed, loadShedder, type Priority, runInContext, vegasLimit, withDeadline } from 'rxjs-resilience';

const shedder = loadShedder({ name: 'search', limit: vegasLimit(), queue: { size: 50, timeout: 300 } });
const shed = loadShed(({ tags }) => (tags?.['crawler'] === true ? 'sheddable' : 'critical'), { shedder });
const prefetch = loadShed('sheddablePlus' satisfies Priority, { shedder, name: 'prefetch' });

const query = (text: string) =>
  attempt(({ signal }) => fetch(`/search?q=${text}`, { signal })).pipe(withDeadline(2_000));

export const search = (text: string) => query(text).pipe(shed);
export const guess = (text: string) => query(text).pipe(prefetch);

/** The entry of a request says who it is; everything that is subscribed inside can read it. */
export const handle = (text: string, crawler: boolean) =>
  runInContext({ tags: { crawler } }, () => search(text).subscribe());
