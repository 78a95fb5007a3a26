import { attempt, circuitBreaker, describeEvent, perKey } from 'rxjs-resilience';

const perOrigin = perKey((origin) => circuitBreaker({ name: origin, failureThreshold: 5 }), {
  maxKeys: 200,
  idleAfter: 600_000,
  maxOpenShare: 0.5,
});

export const get = (url: URL) => attempt(({ signal }) => fetch(url, { signal })).pipe(perOrigin(url.origin));

perOrigin.health$.subscribe(({ status, details }) => console.log(status, details));
perOrigin.events$.subscribe((event) => console.log(describeEvent(event)));
