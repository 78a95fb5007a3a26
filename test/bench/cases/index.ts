import type { Case } from '../case.ts';
import { aloneCases } from './alone.ts';
import { deadlineCases } from './deadline.ts';
import { machineCases } from './machines.ts';
import { refusedCases } from './refused.ts';
import { registryCases } from './registry.ts';
import { retryCases } from './retries.ts';
import { stackedCases } from './stacked.ts';

export const cases: readonly Case[] = [
  ...stackedCases,
  ...refusedCases,
  ...deadlineCases,
  ...retryCases,
  ...aloneCases,
  ...registryCases,
  ...machineCases,
];
