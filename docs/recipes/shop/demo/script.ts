import type { Moods } from './services.ts';

export interface Scene {
  readonly title: string;
  /** Milliseconds. */
  readonly length: number;
  /** What the services are like that are not healthy. */
  readonly moods: Partial<Moods>;
  /** What happens at its beginning: the process of the shop dies; so many customers come at once. */
  readonly crash?: boolean;
  readonly rush?: number;
}

export const script: readonly Scene[] = [
  { title: 'all is well', length: 3_000, moods: {} },
  { title: 'payments fail, half of them after charging', length: 4_000, moods: { payments: 'failing' } },
  { title: 'payments hang after charging', length: 2_000, moods: { payments: 'hanging' } },
  { title: 'the shop dies and starts again', length: 2_000, moods: { payments: 'hanging' }, crash: true },
  {
    title: 'payments work, the pages have nobody to ask',
    length: 5_000,
    moods: { profiles: 'failing', recommendations: 'hanging', ranking: 'failing' },
  },
  { title: 'a crowd comes at once', length: 4_000, moods: {}, rush: 200 },
];
