import { type DeadlineCodec, matched } from './deadline-codec.js';

/** Milliseconds of each unit, the finest first. */
const units: readonly (readonly [string, number])[] = [
  ['n', 1e-6],
  ['u', 1e-3],
  ['m', 1],
  ['S', 1_000],
  ['M', 60_000],
  ['H', 3_600_000],
];

/** Eight digits are all that the protocol allows. */
const most = 99_999_999;

/**
 * `grpc-timeout: 1500m`: one to eight digits and a unit, `H` hours, `M` minutes, `S` seconds, `m` milliseconds, `u`
 * microseconds, `n` nanoseconds, and no blank anywhere. Writes the finest unit that fits, and never more than is left.
 *
 * Source: gRPC over HTTP/2, "Timeout".
 */
export const grpcTimeout: DeadlineCodec = /*#__PURE__*/ Object.freeze({ header: 'grpc-timeout', encode, decode });

function encode(remaining: number): string {
  const left = remaining > 0 ? remaining : 0;
  for (const [unit, length] of units) {
    const count = whole(left, length);
    if (count <= most) return `${count}${unit}`;
  }
  return `${most}H`;
}

/** Whole units that are surely left: a quotient that was rounded up is one too many. */
function whole(left: number, length: number): number {
  const count = Math.floor(left / length);
  return count * length > left ? count - 1 : count;
}

function decode(value: string): number | null {
  const [, digits = '', unit] = matched(value, /^(\d{1,8})([HMSmun])$/) ?? [];
  const length = units.find(([name]) => name === unit)?.[1];
  return length === undefined ? null : Number(digits) * length;
}
