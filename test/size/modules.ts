import path from 'node:path';
import { bundle, using } from './bundle.ts';

export interface ModuleSize {
  readonly module: string;
  /** Bytes of the minified bundle that come from it. */
  readonly bytes: number;
}

/** What each source file adds to a bundle of these exports, the largest first. */
export async function moduleSizes(exports: readonly string[], root: string): Promise<ModuleSize[]> {
  const { metafile } = await bundle(using(exports, './src/index.ts'), root);
  const found = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const module = path.relative(root, path.resolve(file)).split(path.sep).join('/');
      if (bytesInOutput > 0) found.set(module, (found.get(module) ?? 0) + bytesInOutput);
    }
  }
  return [...found].map(([module, bytes]) => ({ module, bytes })).sort((a, b) => b.bytes - a.bytes);
}
