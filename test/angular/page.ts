/** What of a document an adapter may look at. */
export class Page {
  readonly location: { readonly href: string };
  readonly defaultView: Window;
  private readonly view: FakeView = new FakeView();

  constructor(
    href: string = 'https://app.example/shop/start?x=1',
    /** What its `<base>` says. */
    readonly baseURI: string = new URL('/shop/', href).href,
  ) {
    this.location = { href };
    this.defaultView = this.view as unknown as Window;
  }

  /** Those who wait to be told that it is online. */
  get listeners(): number {
    return this.view.listeners.size;
  }

  goOffline(): void {
    this.view.navigator.onLine = false;
  }

  goOnline(): void {
    this.view.navigator.onLine = true;
    for (const [listener, once] of [...this.view.listeners]) {
      if (once) this.view.listeners.delete(listener);
      listener();
    }
  }
}

class FakeView {
  readonly navigator: { onLine: boolean } = { onLine: true };
  readonly listeners: Map<() => void, boolean> = new Map();

  addEventListener(type: string, listener: () => void, { once = false }: { once?: boolean } = {}): void {
    if (type === 'online') this.listeners.set(listener, once);
  }

  removeEventListener(type: string, listener: () => void): void {
    if (type === 'online') this.listeners.delete(listener);
  }
}
