import { checkName, refusal } from '../core/options.js';

/** Where a request goes, below the prefix. */
export interface Target {
  /** As sent: what is not spelt as we spell it is unknown. Only the name of a policy is decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/** Whole segments, none of them empty, special or encoded; `''` where the handler is mounted. */
export function checkPrefix(value: unknown): string {
  if (value === '' || value === '/') return '';
  const prefix = checkName('prefix', value);
  const segments = prefix.split('/').slice(1);
  const plain = segments.length > 0 && segments.every((segment) => /^[\w.~@!$&'()*+,;=:-]+$/.test(segment) && !/^\.\.?$/.test(segment));
  if (prefix.startsWith('/') && plain) return prefix;
  throw refusal('prefix', "a path such as '/health'", value);
}

/**
 * What of `url` lies below `prefix`; undefined where the request is none of ours. No segment is decoded or resolved, so
 * that `..`, `//` and `%2F` are segments that nothing here is called.
 */
export function targetOf(url: string | undefined, prefix: string): Target | undefined {
  const [whole = '', query = ''] = splitOnce((url ?? '').split('#', 1)[0]!, '?');
  const path = pathOf(whole);
  if (path === undefined || !path.startsWith(`${prefix}/`)) return path === prefix && prefix !== '' ? none(query) : undefined;
  return { segments: path.slice(prefix.length + 1).split('/'), query: new URLSearchParams(query) };
}

/** The name of a policy as a segment holds it; undefined for what is no encoding of anything. */
export function decodeName(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** A proxy may send the whole URL. */
function pathOf(whole: string): string | undefined {
  if (whole.startsWith('/')) return whole;
  return /^https?:\/\/[^/]*(\/.*)$/i.exec(whole)?.[1];
}

function none(query: string): Target {
  return { segments: [], query: new URLSearchParams(query) };
}

function splitOnce(text: string, at: string): readonly string[] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
