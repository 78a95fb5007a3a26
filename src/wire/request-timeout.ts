import { type DeadlineCodec, readDigits, wholeMilliseconds } from './deadline-codec.js';

/** The milliseconds that are left, in decimal digits. */
function milliseconds(header: string): DeadlineCodec {
  return Object.freeze({
    header,
    encode: (remaining: number) => String(wholeMilliseconds(remaining)),
    decode: (value: string) => readDigits(value),
  });
}

/**
 * `X-Request-Timeout-Ms: 1500`. A remaining time needs no clock that agrees with another one: the default of what is
 * sent. From a browser to another origin it costs a CORS preflight.
 */
export const requestTimeout: DeadlineCodec = /*#__PURE__*/ milliseconds('X-Request-Timeout-Ms');

/** `x-envoy-expected-rq-timeout-ms: 1500`, by which Envoy tells a service how long it will wait. */
export const envoyTimeout: DeadlineCodec = /*#__PURE__*/ milliseconds('x-envoy-expected-rq-timeout-ms');
