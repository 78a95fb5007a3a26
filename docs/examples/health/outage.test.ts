import { Subject } from 'rxjs';
import { healthBoard, healthCheck, warmup } from 'rxjs-resilience';
import { marbles } from 'rxjs-resilience/testing';
import { it } from 'vitest';

it('starts, loses its database, gets it back, and is told to go', marbles(({ cold, expectHealth, outage }) => {
  const database = outage({ from: 20, to: 40 }, '(u|)', '#');
  const db = healthCheck('db', () => database, { every: 5, timeout: 2, spread: 0, required: true });
  const warm = warmup('cache', cold('----------|'));
  const board = healthBoard({ startup: { warm }, ready: { db } });
  cold('70ms x').subscribe(() => board.drain());

  expectHealth(board.ready$, '^ 79ms !').toBe('? 9ms u 14ms d 19ms u 24ms d');
  expectHealth(board.live$, '^ 79ms !').toBe('u');
}));

it('is not ready before the first answer of what it needs', marbles(({ expectHealth }) => {
  const answer = new Subject<boolean>();
  const board = healthBoard({ ready: { db: healthCheck('db', () => answer, { required: true }) } });
  expectHealth(board.ready$, '^---!').toBe('?');
}));
