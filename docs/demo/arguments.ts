import { parseArgs } from 'node:util';

/** What a demo is asked for. */
export interface Wanted {
  readonly json: boolean;
  readonly serve: boolean;
  readonly port: number;
}

/** What the arguments ask for, or what is wrong with them. */
export function wanted(): Wanted | string {
  try {
    const options = { json: { type: 'boolean' }, serve: { type: 'boolean' }, port: { type: 'string' } } as const;
    const { json = false, serve = false, port = '0' } = parseArgs({ options }).values;
    if (port !== '0' && !serve) return '--port needs --serve.';
    if (json && serve) return '--json and --serve do not go together.';
    if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return `--port must be a number from 0 to 65535, got ${port}.`;
    return { json, serve, port: Number(port) };
  } catch (error) {
    return (error as Error).message;
  }
}
