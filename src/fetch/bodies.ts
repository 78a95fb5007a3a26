const replayable = ['ArrayBuffer', 'SharedArrayBuffer', 'Blob', 'File', 'FormData', 'URLSearchParams'];

/** Whether a body can be sent more than once: everything that is no stream, iterator or other thing that is used up. */
export function isReplayable(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || ArrayBuffer.isView(body)) return true;
  return replayable.includes(Object.prototype.toString.call(body).slice(8, -1));
}

/** As it is now: `fetch` takes what it is given when it is called, and ours may be sent later, and again. */
export function snapshot(body: RequestInit['body']): RequestInit['body'] {
  if (typeof body !== 'object' || body === null) return body;
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  switch (Object.prototype.toString.call(body)) {
    case '[object ArrayBuffer]':
      return (body as ArrayBuffer).slice(0);
    case '[object URLSearchParams]':
      return new URLSearchParams(body as URLSearchParams);
    case '[object FormData]':
      return copied(body as FormData);
    default:
      return body;
  }
}

/** Of the same making: that of undici is its own. */
function copied(form: FormData): FormData {
  const copy = new (form.constructor as typeof FormData)();
  form.forEach((value, name) => copy.append(name, value as string));
  return copy;
}

/**
 * Whether the platform made it of something that was there as a whole, or it reads like that. A stream that somebody
 * gave to a `Request` mostly does not, and is used up once it was sent.
 */
export function isByteStream(body: ReadableStream): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
