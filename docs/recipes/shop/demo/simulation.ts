import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ShopServer, startServer } from '../server.ts';
import { type Customers, customers } from './customers.ts';
import type { Scene } from './script.ts';
import { type Services, startServices } from './services.ts';

export interface SimulationSettings {
  readonly script: readonly Scene[];
  readonly random: () => number;
  /** Orders per second; so often the pages are looked at, too. */
  readonly rate: number;
  /** By which the slow times of the shop are divided. */
  readonly speed: number;
  /** Milliseconds from one order of the worker to the next. */
  readonly every: number;
  /** Milliseconds for which the queue may take to be empty in the end. */
  readonly patience: number;
  readonly port?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called once a second, and at the end. */
  readonly onTick?: ((now: Moment) => void) | undefined;
}

/** How things are. */
export interface Moment {
  /** Milliseconds since the start. */
  readonly time: number;
  readonly scene: string;
  readonly customers: Customers;
  readonly services: Services;
  readonly server: ShopServer;
  /** Answers to orders since the last time, by what they were. */
  readonly answers: Readonly<Record<string, number>>;
}

/** What is left to count when all is over. */
export interface Played {
  readonly customers: Customers;
  readonly services: Services;
  /** The most orders that waited for a worker. */
  readonly mostWaiting: number;
  /** What the shop found in its journal when it started again. */
  readonly foundInJournal: number;
  /** Milliseconds from the moment at which payments worked again until nobody waited; undefined: that did not happen. */
  readonly drained: number | undefined;
  /** Orders that were not finished in the end. */
  readonly unfinished: number;
}

/** Plays the script against a shop with real servers in front of it and behind it. */
export async function play(settings: SimulationSettings): Promise<Played> {
  const folder = await mkdtemp(path.join(tmpdir(), 'shop-'));
  const services = await startServices(settings.random);
  try {
    return await playWith(services, path.join(folder, 'orders'), settings);
  } finally {
    await services.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function playWith(services: Services, journal: string, settings: SimulationSettings): Promise<Played> {
  const { script, random, rate, speed, every, patience, port, signal, onTick } = settings;
  const open = (at: number | undefined): Promise<ShopServer> => startServer({ urls: services.urls, journal, port: at, random, speed, every });
  let server = await open(port);
  const people = customers(() => server.url, random, signal);

  const start = performance.now();
  let scene = script[0]!.title;
  let mostWaiting = 0;
  let foundInJournal = 0;
  let recovered: number | undefined;
  let drained: number | undefined;
  const visits = new Set<Promise<void>>();
  const come = (visit: Promise<void>): void => {
    visits.add(visit);
    void visit.finally(() => visits.delete(visit));
  };
  const coming = setInterval(() => [people.order(), people.look()].forEach(come), 1_000 / rate);
  const counting = setInterval(() => {
    const { waiting } = server.shop.unfinished.size;
    mostWaiting = Math.max(mostWaiting, waiting);
    if (waiting === 0 && recovered !== undefined) drained ??= performance.now() - recovered;
  }, 20);
  let counted: Record<string, number> = {};
  const tick = (): void => {
    const answers = Object.fromEntries(Object.entries(people.answers).map(([name, count]) => [name, count - (counted[name] ?? 0)]));
    counted = { ...people.answers };
    onTick?.({ time: performance.now() - start, scene, customers: people, services, server, answers });
  };
  const ticking = setInterval(tick, 1_000);

  try {
    tick();
    for (const { title, length, moods, crash, rush } of script) {
      scene = title;
      const down = services.moods.payments !== 'healthy';
      for (const name of Object.keys(services.moods) as (keyof typeof services.moods)[]) services.moods[name] = moods[name] ?? 'healthy';
      if (down && services.moods.payments === 'healthy') recovered = performance.now();
      if (crash) {
        await server.crash();
        server = await open(Number(new URL(server.url).port));
        foundInJournal = server.shop.unfinished.size.all;
      }
      for (let i = 0; i < (rush ?? 0); i++) come(people.order());
      await sleep(length, undefined, { signal });
    }
    clearInterval(coming);
    scene = 'nobody comes any more';
    await Promise.all(visits);
    const end = performance.now();
    while (server.shop.unfinished.size.all > 0 && performance.now() - end < patience) await sleep(20, undefined, { signal });
    // Whoever was told `queued` sends the order again, which says what has become of it.
    await Promise.all(people.placed.filter(({ heard }) => heard.at(-1) === 'queued').map(people.ask));
    tick();
    return { customers: people, services, mostWaiting, foundInJournal, drained, unfinished: server.shop.unfinished.size.all };
  } finally {
    for (const timer of [coming, counting, ticking]) clearInterval(timer);
    await Promise.all(visits);
    await server.close();
  }
}
