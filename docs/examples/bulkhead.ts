import { attempt, bulkhead, fallbackTo, isBulkheadFullError, withDeadline } from 'rxjs-resilience';
import { interval, of } from 'rxjs';

const reports = bulkhead(4, { size: 20, timeout: 2_000 }, { name: 'reports' });

export const report = (id: string) =>
  attempt(({ signal }) => fetch(`/reports/${id}`, { signal })).pipe(
    withDeadline(10_000),
    reports,
    fallbackTo((error) => of(isBulkheadFullError(error) ? 'busy, try again' : 'not available')),
  );

interval(10_000).subscribe(() => {
  const { active, limit, meanWait, queued } = reports.metrics();
  console.log(`${active} of ${limit} run, ${queued} wait, ${meanWait} ms on average`);
});
