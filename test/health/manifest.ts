export interface Probe {
  readonly path: string;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface Manifest {
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly terminationGracePeriodSeconds: number;
  readonly preStop: boolean;
}

/** The few figures that the arithmetic needs, read from the text of a manifest. */
export function readManifest(text: string): Manifest {
  const figure = (from: string, key: string): number => {
    const found = new RegExp(`^ *${key}: (\\d+)$`, 'm').exec(from)?.[1];
    if (found === undefined) throw new Error(`there is no ${key}`);
    return Number(found);
  };
  const probe = (name: string): Probe => {
    const [, indent, block] = new RegExp(`^( *)${name}:\\n((?:\\1 .*\\n?)+)`, 'm').exec(text) ?? [];
    if (indent === undefined) throw new Error(`there is no ${name}`);
    const path = /path: ([^ ,]+)/.exec(block!)?.[1] ?? '';
    const [periodSeconds, timeoutSeconds, failureThreshold] = ['periodSeconds', 'timeoutSeconds', 'failureThreshold'].map((key) => figure(block!, key));
    return { path, periodSeconds: periodSeconds!, timeoutSeconds: timeoutSeconds!, failureThreshold: failureThreshold! };
  };
  return {
    startupProbe: probe('startupProbe'),
    livenessProbe: probe('livenessProbe'),
    readinessProbe: probe('readinessProbe'),
    terminationGracePeriodSeconds: figure(text, 'terminationGracePeriodSeconds'),
    preStop: text.includes('preStop'),
  };
}
